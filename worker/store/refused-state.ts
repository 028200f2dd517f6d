import { readdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { removePrivateFile, syncDirectory } from "./write-private-file.ts";

/**
 * What a hub refused: `state.json.refused-20261125T124000Z`, with the keys and the token as they were. A hub that
 * lost its database says the same as one whose owner removed the worker. So the worker stops and nothing uses
 * the file by itself, but somebody at its console may: put it back, or register anew under the same keys.
 */
const refusedName = /^state\.json\.refused-\d{8}T\d{6}Z$/;

/** The newest; there is no other unless somebody put it there. */
export function findRefusedState(dataDir: string): string | null {
  const newest = listRefusedStates(dataDir).at(-1);
  return newest === undefined ? null : join(dataDir, newest);
}

/** Moves the file aside, whose mode stays, and forgets what was refused before. Returns where it is now. */
export function setStateAside(path: string, atMs: number): string {
  const dataDir = dirname(path);
  const time = new Date(atMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const aside = `${path}.refused-${time}`;
  renameSync(path, aside);
  syncDirectory(aside);
  for (const name of listRefusedStates(dataDir)) {
    const other = join(dataDir, name);
    if (other !== aside) removePrivateFile(other);
  }
  return aside;
}

export function removeRefusedStates(dataDir: string): void {
  for (const name of listRefusedStates(dataDir)) removePrivateFile(join(dataDir, name));
}

function listRefusedStates(dataDir: string): string[] {
  return readdirSync(dataDir)
    .filter((name) => refusedName.test(name))
    .toSorted();
}
