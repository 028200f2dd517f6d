// `npm run dev`: the pages from Vite with hot reload, hub and worker in one process that starts again
// whenever a file it loaded changes. Arguments go to `leapmux solo`.
import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { findVite } from "./build-frontend.ts";
import { readEnvironment } from "./config/environment.ts";
import { loadSettings } from "./config/load-settings.ts";
import { soloSettings } from "./config/settings.ts";
import { formatAddress } from "./config/value-types.ts";
import { normaliseArguments } from "./normalise-arguments.ts";
import { makeProgram, makeTakesValue } from "./program.ts";

const root = path.join(import.meta.dirname, "..");
const frontendDir = path.join(root, "frontend");
const frontendUrl = "http://127.0.0.1:5173";

const environment = readEnvironment();
const hubUrl = `http://${formatAddress(readListenAddress(process.argv.slice(2)))}`;

const children = [
  start("pages", frontendDir, [
    findVite(frontendDir),
    ...["--host", "127.0.0.1", "--port", "5173", "--strictPort", "--clearScreen", "false"],
  ]),
  start("solo", root, [
    ...["--watch", "--watch-preserve-output", path.join(root, "cli", "main.ts"), "solo"],
    ...["--no-open", "--dev-frontend", frontendUrl],
    ...process.argv.slice(2),
  ]),
];
console.log(`dev   | open ${frontendUrl}; stop with Ctrl-C`);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => children.forEach((child) => child.kill("SIGTERM")));
}
for (const child of children) {
  // One without the other helps nobody.
  child.on("exit", (code) => {
    children.forEach((each) => each.kill("SIGTERM"));
    process.exitCode ??= code ?? 1;
  });
}

/** Where `solo` will listen, by the same rules that it applies itself. */
function readListenAddress(args: string[]) {
  let typed: ReadonlyMap<string, string> = new Map();
  const program = makeProgram((request) => {
    if (request.command === "solo") typed = request.typed;
  }, []);
  program.parse(["solo", ...normaliseArguments(args, makeTakesValue([])).tokens], { from: "user" });
  return loadSettings(soloSettings, typed, environment).values.listen;
}

function start(name: string, workingDir: string, args: string[]): ChildProcess {
  const child = spawn(process.execPath, args, {
    cwd: workingDir,
    env: { ...environment.variables, LEAPMUX_DEV_HUB: hubUrl },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      console.log(`${name.padEnd(5)} | ${line}`);
    });
  }
  return child;
}
