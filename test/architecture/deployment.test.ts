// What people copy to run LeapMux as a service: held against what the commands really take, and against
// systemd itself where it is. No container engine is needed: the file is read, not built.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { hubSettings, workerSettings } from "@leapmux/cli/config/settings.ts";
import { describe, expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { findProgram } from "../harness/tls-proxy.ts";
import { root } from "./source-files.ts";

const read = (file: string) => readFileSync(path.join(root, file), "utf8");
const systemdAnalyze = findProgram("systemd-analyze");
if (systemdAnalyze === undefined) {
  console.warn("systemd-analyze is not installed: units are not verified by it");
}

/** Every variable that a command knows. */
const variables = new Set(
  [hubSettings, workerSettings].flatMap(({ envPrefix, table }) =>
    Object.keys(table).map((key) => `${envPrefix}${key.replace(/[A-Z]/g, "_$&").toUpperCase()}`),
  ),
);

function unknownVariables(text: string): string[] {
  return (text.match(/\bLEAPMUX_[A-Z_]+/g) ?? []).filter((name) => !variables.has(name));
}

describe.each(["leapmux-hub", "leapmux-worker"])("%s.service", (name) => {
  const file = `docs/examples/${name}.service`;
  const unit = read(file);
  const values = (key: string) =>
    [...unit.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map((match) => match[1]);

  test("runs without root, in a private directory, and comes back only where that helps", () => {
    expect(values("User")).toEqual([name]);
    expect(values("StateDirectory")).toEqual([name]);
    expect(values("StateDirectoryMode")).toEqual(["0700"]);
    expect(values("Environment")).toEqual([expect.stringMatching(`_DATA_DIR=%S/${name}$`)]);
    expect(values("EnvironmentFile")).toHaveLength(1);
    expect(values("NoNewPrivileges")).toEqual(["yes"]);
    expect(values("CapabilityBoundingSet")).toEqual([""]);
    expect(values("Restart")).toEqual(["on-failure"]);
    expect(values("RestartPreventExitStatus")).toEqual(["2"]);
    // A graceful stop takes ten seconds at most; shells are ended by the worker, not by systemd.
    expect(values("KillMode")).toEqual(["mixed"]);
    expect(Number(values("TimeoutStopSec")[0])).toBeGreaterThan(10);
    expect(unknownVariables(unit)).toEqual([]);
    const [, program = "", command] = /^(\S+) \S+ (\w+)$/.exec(values("ExecStart")[0] ?? "") ?? [];
    expect(`leapmux-${command}`).toBe(name);
    expect(existsSync(program.replace("/opt/leapmux", root)), program).toBe(true);
  });

  test.skipIf(systemdAnalyze === undefined)("has nothing that systemd objects to", async () => {
    const directory = await makeTemporaryDirectory(cleanupAfterTest());
    const copy = path.join(directory, `${name}.service`);
    // It looks whether the program is there.
    writeFileSync(copy, unit.replaceAll("/opt/leapmux", root));
    const { status, stdout, stderr } = spawnSync(
      systemdAnalyze ?? "",
      ["verify", "--man=no", copy],
      { encoding: "utf8" },
    );
    // What it does not understand it only mentions; so it does other units of this machine.
    const said = `${stdout}${stderr}`.split("\n").filter((line) => line.includes(name));
    expect({ status, said }).toEqual({ status: 0, said: [] });
  });
});

test("the hub's unit is closed tightly by systemd's own measure", (context) => {
  const version = systemdAnalyze && execFileSync(systemdAnalyze, ["--version"]).toString();
  // Earlier ones judge only what is installed.
  context.skip(Number(/systemd (\d+)/.exec(version ?? "")?.[1] ?? 0) < 250, "needs systemd 250");
  const file = path.join(root, "docs/examples/leapmux-hub.service");
  const judged = spawnSync(systemdAnalyze ?? "", [
    ...["security", "--no-pager", "--offline=true", "--threshold=20", file],
  ]);
  expect(judged.status, judged.stdout.toString()).toBe(0);
});

describe("Containerfile", () => {
  interface Stage {
    readonly base: string;
    readonly name: string;
    readonly lines: readonly string[];
  }
  const instructions = read("Containerfile")
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line !== "");
  const stages: Stage[] = [];
  for (const line of instructions) {
    const [, base, name] = /^FROM (\S+) AS (\w+)$/.exec(line) ?? [];
    if (base !== undefined && name !== undefined) stages.push({ base, name, lines: [] });
    else stages.splice(-1, 1, { ...stages.at(-1)!, lines: [...stages.at(-1)!.lines, line] });
  }

  /** All instructions of a stage, those of the stages that it stands on first. */
  function linesOf(name: string): string[] {
    const stage = stages.find((each) => each.name === name);
    return stage === undefined ? [] : [...linesOf(stage.base), ...stage.lines];
  }
  const last = (name: string, instruction: string) =>
    linesOf(name).findLast((line) => line.startsWith(`${instruction} `));

  test("stands on a pinned Debian and takes nothing else from the network but packages", () => {
    expect(stages.map(({ name }) => name)).toEqual(["build", "runtime", "worker", "hub"]);
    for (const { base } of stages) {
      const isStage = stages.some(({ name }) => name === base);
      expect(isStage || /^docker\.io\/library\/debian:\w+-\d{8}-slim$/.test(base), base).toBe(true);
    }
    for (const line of instructions) {
      expect(line).toMatch(
        /^(FROM|RUN|WORKDIR|COPY|USER|VOLUME|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|CMD) /,
      );
      expect(line).not.toMatch(/\b(curl|wget|git clone|sudo|chmod)\b|--allow-|--privileged/);
      if (line.startsWith("COPY --from")) expect(line).toBe(`COPY --from=build ${target}`);
    }
    // Its own sources are all that is copied in, and not what was built or installed here.
    expect(instructions.filter((line) => /^COPY (?!--from)/.test(line))).toEqual(["COPY . ."]);
    expect(read(".dockerignore").split("\n")).toEqual(
      expect.arrayContaining([".git", "**/node_modules", "**/dist"]),
    );
  });
  const target = "/opt/leapmux /opt/leapmux";

  test.each(["hub", "worker"])("%s runs without root on a private volume", (name) => {
    expect(last(name, "USER")).toMatch(/^USER [1-9]\d*:[1-9]\d*$/);
    expect(last(name, "VOLUME")).toBe("VOLUME /var/lib/leapmux");
    expect(linesOf(name).join("\n")).toMatch(/install -d .* -m 0700 \/var\/lib\/leapmux/);
    expect(last(name, "ENV")).toMatch(/^ENV LEAPMUX_\w+_DATA_DIR=\/var\/lib\/leapmux$/);
    expect(unknownVariables(linesOf(name).join("\n"))).toEqual([]);
    // Signals reach the program: no shell stands between.
    expect(last(name, "CMD")).toBe(`CMD ["${name}"]`);
    const entry = JSON.parse(
      last(name, "ENTRYPOINT")?.slice("ENTRYPOINT ".length) ?? "",
    ) as string[];
    const own = entry.filter((word) => word.startsWith("/opt/leapmux/"));
    expect(own).toHaveLength(2);
    for (const file of own) {
      expect(existsSync(file.replace("/opt/leapmux", root)), file).toBe(true);
    }
  });

  test("a hub is asked for its health, a worker listens nowhere", () => {
    expect(last("hub", "HEALTHCHECK")).toContain("http://127.0.0.1:4327/healthz");
    expect(last("hub", "EXPOSE")).toBe("EXPOSE 4327");
    expect(hubSettings.table.listen.builtIn).toBe(":4327");
    expect(last("worker", "HEALTHCHECK")).toBe("HEALTHCHECK NONE");
    expect(last("worker", "EXPOSE")).toBeUndefined();
  });
});
