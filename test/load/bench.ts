/**
 * `npm run bench -- [--json FILE] [--only NAME,…]`: each figure with its baseline from the same run.
 * It reports and never judges; the aims are in docs/development.md.
 */
import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";

type Figures = Record<string, Record<string, number>>;

const measurements: Record<string, () => Promise<Figures>> = {
  channel_open: async () => (await import("./measure-channel-open.ts")).measureChannelOpen(),
  echo: async () => (await import("./measure-echo.ts")).measureEcho(),
  relay: async () => (await import("./measure-relay.ts")).measureRelay(),
  idle_channel: async () => (await import("./measure-idle-channel.ts")).measureIdleChannel(),
  relay_many: async () => (await import("./measure-relay-many.ts")).measureRelayMany(),
  workers_idle: async () => (await import("./measure-workers-idle.ts")).measureWorkersIdle(),
  logins_s: async () => (await import("./measure-logins.ts")).measureLogins(),
  revocation_ms: async () => (await import("./measure-revocation.ts")).measureRevocation(),
  device_revocation: async () =>
    (await import("./measure-device-revocation.ts")).measureDeviceRevocation(),
  cold_start: async () => (await import("./measure-cold-start.ts")).measureColdStart(),
  first_load: async () => (await import("./measure-first-load.ts")).measureFirstLoad(),
  terminal_output: async () =>
    (await import("./measure-terminal-output.ts")).measureTerminalOutput(),
};

const { values } = parseArgs({
  options: { json: { type: "string" }, only: { type: "string" } },
});
const names = values.only?.split(",") ?? Object.keys(measurements);
const unknown = names.filter((name) => measurements[name] === undefined);
if (unknown.length > 0) {
  console.error(
    `unknown: ${unknown.join(", ")}. There are: ${Object.keys(measurements).join(", ")}`,
  );
  process.exit(2);
}

const figures: Figures = {};
for (const name of names) {
  process.stderr.write(`${name} …\n`);
  Object.assign(figures, await measurements[name]?.());
}
for (const [name, values_] of Object.entries(figures)) {
  const row = Object.entries(values_).map(([key, value]) => `${key} ${value}`);
  console.log(`${name.padEnd(20)} ${row.join("   ")}`);
}
if (values.json !== undefined) {
  const machine = {
    cpu: cpus()[0]?.model ?? "",
    cores: availableParallelism(),
    node: process.version,
  };
  await writeFile(values.json, `${JSON.stringify({ machine, ...figures }, null, 2)}\n`);
}
// Whatever a library still holds open must not keep the bench alive.
process.exit(0);
