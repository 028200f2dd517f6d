import { open, readFile } from "node:fs/promises";

const pageBytes = 4096;
/** Regions larger than this are read in pieces that overlap by more than anything looked for. */
const pieceBytes = 32 * 1024 * 1024;
const overlapBytes = pageBytes;

/**
 * All writable memory of a process of this user (Linux): heaps, stacks and the buffers that a heap
 * snapshot leaves out. Empty on other systems.
 */
export async function readProcessMemory(pid: number): Promise<Buffer[]> {
  if (process.platform !== "linux") return [];
  const maps = await readFile(`/proc/${pid}/maps`, "utf8");
  const memory = await open(`/proc/${pid}/mem`, "r");
  const runs: Buffer[] = [];
  try {
    for (const line of maps.split("\n")) {
      const [, from = "", to = ""] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      if (from === "") continue;
      const end = BigInt(`0x${to}`);
      for (let at = BigInt(`0x${from}`); at < end; at += BigInt(pieceBytes - overlapBytes)) {
        const bytes = Buffer.alloc(Number(end - at < pieceBytes ? end - at : pieceBytes));
        // A region that went away, or was reserved and never touched, cannot be read.
        const read = await memory.read(bytes, 0, bytes.length, at).catch(() => undefined);
        if (read !== undefined) runs.push(...usedRuns(bytes.subarray(0, read.bytesRead)));
      }
    }
  } finally {
    await memory.close();
  }
  return runs;
}

/** Most of what is mapped was never written: only runs of pages that hold anything are worth a search. */
function usedRuns(bytes: Buffer): Buffer[] {
  const empty = Buffer.alloc(pageBytes);
  const runs: Buffer[] = [];
  let from = -1;
  for (let at = 0; at < bytes.length; at += pageBytes) {
    const page = bytes.subarray(at, at + pageBytes);
    const isUsed = page.compare(empty, 0, page.length) !== 0;
    if (isUsed && from < 0) from = at;
    if (!isUsed && from >= 0) {
      runs.push(Buffer.from(bytes.subarray(from, at)));
      from = -1;
    }
  }
  if (from >= 0) runs.push(Buffer.from(bytes.subarray(from)));
  return runs;
}
