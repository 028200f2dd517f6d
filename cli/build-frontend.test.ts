// Builds a page of three lines with the real Vite, in a folder of its own.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildFrontend } from "./build-frontend.ts";
import { makeOutput } from "./output.ts";

let root: string;
const write = (file: string, text: string) => writeFileSync(path.join(root, file), text);

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "leapmux-build-"));
  for (const dir of ["frontend", "shared", "proto/gen"]) {
    mkdirSync(path.join(root, dir), { recursive: true });
  }
  symlinkSync(path.join(import.meta.dirname, "../node_modules"), path.join(root, "node_modules"));
  write("package-lock.json", "{}");
  write("frontend/package.json", `{ "type": "module" }`);
  write("frontend/index.html", `<script type="module" src="./main.ts"></script>`);
  write("frontend/main.ts", `document.title = ${JSON.stringify("x".repeat(5000))};`);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function makeSilentOutput() {
  const said: string[] = [];
  const sink = { write: (text: string) => said.push(text) };
  return { said, output: makeOutput(sink, sink, true) };
}

const never = new AbortController().signal;

describe("building the frontend", () => {
  test("builds once for two starts at once, compresses, and leaves nothing beside", async () => {
    const { said, output } = makeSilentOutput();
    const both = await Promise.all([
      buildFrontend(output, never, root),
      buildFrontend(output, never, root),
    ]);
    const dist = path.join(root, "frontend/dist");
    expect(both).toEqual([dist, dist]);
    expect(said.filter((text) => text.startsWith("Frontend built in"))).toHaveLength(1);
    const assets = readdirSync(path.join(dist, "assets"));
    for (const ending of [".js", ".js.br", ".js.gz"]) {
      expect(assets.filter((name) => name.endsWith(ending))).toHaveLength(1);
    }
    expect(
      readdirSync(path.join(root, "frontend")).filter((name) => name.startsWith(".dist-")),
    ).toEqual([]);
    expect(said.join("")).toContain("Building the frontend (first time only)");
  });

  test("does nothing when nothing changed, and builds again when something did", async () => {
    const first = makeSilentOutput();
    await buildFrontend(first.output, never, root);
    const second = makeSilentOutput();
    await buildFrontend(second.output, never, root);
    expect(second.said).toEqual([]);
    write("frontend/main.ts", `document.title = "changed";`);
    const third = makeSilentOutput();
    await buildFrontend(third.output, never, root);
    expect(third.said.join("")).toContain("its sources changed");
    const dist = path.join(root, "frontend/dist/assets");
    const [script = ""] = readdirSync(dist).filter((name) => name.endsWith(".js"));
    expect(readFileSync(path.join(dist, script), "utf8")).toContain("changed");
  });

  test("a fault in the sources is named and the last good build stays", async () => {
    const { output } = makeSilentOutput();
    await buildFrontend(output, never, root);
    write("frontend/main.ts", `import "./missing.ts";`);
    await expect(buildFrontend(output, never, root)).rejects.toThrow(/missing\.ts/);
    expect(existsSync(path.join(root, "frontend/dist/index.html"))).toBe(true);
  });

  test("stopping ends the build", async () => {
    const { output } = makeSilentOutput();
    const controller = new AbortController();
    const building = buildFrontend(output, controller.signal, root);
    controller.abort();
    await expect(building).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
    expect(existsSync(path.join(root, "frontend/dist"))).toBe(false);
  });
});
