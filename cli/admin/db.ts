// `leapmux admin db`: the database of a hub on this machine, which may run or not. Nothing is changed.
import { existsSync } from "node:fs";
import path from "node:path";
import { inspectDatabase, type DatabaseState } from "@leapmux/hub/store/inspect-database.ts";
import { CommandError } from "../command-error.ts";
import type { AdminFileCall, AdminFileCommand, AdminGroup } from "./admin-command.ts";
import { done } from "./admin-result.ts";

const where: AdminFileCommand = {
  name: "path",
  description: "Where the database is",
  isOnFiles: true,
  run(call) {
    const file = fileOf(call);
    return Promise.resolve(done(file, { path: file }));
  },
};

const version: AdminFileCommand = {
  name: "version",
  description: "Which migrations were applied, and which the next start applies",
  isOnFiles: true,
  async run(call) {
    const { version: newest, pending, unknown } = await inspect(call);
    return done(
      [
        `Version: ${newest ?? "none"}`,
        ...pending.map((name) => `The next start of the hub applies: ${name}`),
        ...unknown.map((name) => `Of a newer version of LeapMux: ${name}`),
      ],
      { version: newest, pending, unknown },
    );
  },
};

const check: AdminFileCommand = {
  name: "check",
  description: "Whether the database is whole and each row belongs to something",
  isOnFiles: true,
  async run(call) {
    const { faults } = await inspect(call);
    if (faults.length === 0) return done("The database is whole.", { ok: true, faults });
    return { ...done(faults, { ok: false, faults }), isFailure: true };
  },
};

export const dbGroup: AdminGroup = {
  name: "db",
  description: "The database of a hub on this machine",
  commands: [where, version, check],
};

function fileOf({ local: { dataDir } }: AdminFileCall): string {
  const file = path.join(dataDir, "hub.db");
  if (existsSync(file)) return file;
  throw new CommandError(
    "failure",
    `no hub has run with the data directory ${dataDir}`,
    "Name the data directory of a hub with --data-dir.",
  );
}

async function inspect(call: AdminFileCall): Promise<DatabaseState> {
  const file = fileOf(call);
  return await inspectDatabase(file).catch((error: unknown) => {
    const code = error instanceof Error && "code" in error ? String(error.code) : "failed";
    throw new CommandError(
      "failure",
      `the database ${file} cannot be read (${code})`,
      "Restore a backup: leapmux admin backup restore DIR",
      error,
    );
  });
}
