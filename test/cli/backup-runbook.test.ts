/** The commands of docs/operating.md on backup, restore and drill, as they stand there, at a real hub. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { startLeapmux, type LeapmuxProcess } from "../harness/processes.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { until } from "../harness/until.ts";
import { runLeapmux, withoutPages } from "./run-leapmux.ts";

const document = readFileSync(new URL("../../docs/operating.md", import.meta.url), "utf8");

/** Lines of the blocks of commands below this heading. */
function commandsOf(heading: string): string[] {
  const [, section = ""] = document.split(`\n${heading}\n`);
  const [own = ""] = section.split(/\n#{2,3} /, 1);
  const blocks = [...own.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = ""]) => block);
  return blocks.flatMap((block) => block.trim().split("\n"));
}

test("backup, restore and drill go as they are written", async () => {
  const cleanup = cleanupAfterTest();
  const directory = await makeTemporaryDirectory(cleanup);
  const places: Readonly<Record<string, string>> = {
    "/var/lib/leapmux-hub": path.join(directory, "hub"),
    "/backups": path.join(directory, "backups"),
    "/tmp/drill": path.join(directory, "drill"),
  };
  mkdirSync(places["/backups"] ?? "", { mode: 0o700 });
  const inPlace = (line: string): string =>
    Object.entries(places).reduce((text, [from, to]) => text.replaceAll(from, to), line);
  let hub: LeapmuxProcess | undefined;

  const start = async (): Promise<void> => {
    const dataDir = places["/var/lib/leapmux-hub"] ?? "";
    const started = startLeapmux(cleanup, ["hub", ...withoutPages, "--data-dir", dataDir]);
    await until(() => /http:\S+/.exec(started.stdout()), "the hub");
    hub = started;
  };
  const stop = async (): Promise<void> => {
    hub?.signal("SIGTERM");
    expect(await hub?.exited).toMatchObject({ code: 0 });
  };

  await start();
  const ran: string[] = [];
  for (const heading of ["## Backup", "### Restore", "### Drill"]) {
    const commands = commandsOf(heading);
    expect(commands, heading).not.toEqual([]);
    for (const line of commands) {
      ran.push(line);
      if (line === "sudo systemctl stop leapmux-hub") await stop();
      else if (line === "sudo systemctl start leapmux-hub") await start();
      else {
        const [program, ...args] = inPlace(line).split(" ");
        expect(program, line).toBe("leapmux");
        const { code, stderr } = await runLeapmux(cleanup, args, {
          env: { LEAPMUX_HUB_LISTEN: "127.0.0.1:4327" },
        });
        expect(code, `${line}\n${stderr}`).toBe(0);
      }
    }
  }
  expect(ran).toHaveLength(7);
  expect(existsSync(path.join(places["/tmp/drill"] ?? "", "hub.db"))).toBe(true);
}, 120_000);
