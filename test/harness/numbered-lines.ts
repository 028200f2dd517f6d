/**
 * A long output of which every byte is known: numbered lines of exactly 100 bytes between two marks,
 * so that anything lost, doubled or reordered is found and named.
 */
import { createHash, type Hash } from "node:crypto";
import { fileURLToPath } from "node:url";

const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const fillings = Array.from(alphabet, (_, start) => alphabet.repeat(3).slice(start, start + 88));

export const lineBytes = 100;
export const beginMark = "== lines begin ==";
export const endMark = "== lines end ==";

/** As it leaves the PTY. */
export function numberedLine(index: number): string {
  return `${String(index).padStart(9, "0")} ${fillings[index % fillings.length] ?? ""}\r\n`;
}

/** What to type into a shell; the program waits for `file` once `stopAt` (a multiple of 1000) lines are out. */
export function printLinesCommand(count: number, stop?: { stopAt: number; file: string }): string {
  const program = fileURLToPath(new URL("print-numbered-lines.ts", import.meta.url));
  const more = stop === undefined ? "" : ` ${stop.stopAt} ${stop.file}`;
  return `${process.execPath} ${program} ${count}${more}\r`;
}

/** SHA-256 of all lines without the marks. */
export function hashOfNumberedLines(count: number): string {
  const hash = createHash("sha256");
  for (let from = 0; from < count; from += 1000) {
    let text = "";
    for (let index = from; index < Math.min(from + 1000, count); index += 1) {
      text += numberedLine(index);
    }
    hash.update(text);
  }
  return hash.digest("hex");
}

/** What is wrong with the lines between the marks of `output`; undefined when they are 0, 1, 2, … `count`. */
export function wrongInLines(output: string, count: number): string | undefined {
  const begin = output.lastIndexOf(`${beginMark}\r\n`);
  if (begin < 0) return "no lines at all";
  let at = begin + beginMark.length + 2;
  for (let index = 0; index < count; index += 1) {
    const wanted = numberedLine(index);
    const got = output.slice(at, at + lineBytes);
    if (got !== wanted) return `line ${index} is ${JSON.stringify(got)}`;
    at += lineBytes;
  }
  return output.startsWith(endMark, at)
    ? undefined
    : `after line ${count}: ${JSON.stringify(output.slice(at, at + lineBytes))}`;
}

/** Takes a stream of output piece by piece and hashes what lies between the marks. */
export function makeLinesHash(): {
  add(bytes: Uint8Array): void;
  readonly bytes: number;
  /** Set once the end mark was seen. */
  readonly digest: string | undefined;
} {
  const begin = Buffer.from(`${beginMark}\r\n`);
  const end = Buffer.from(endMark);
  const hash: Hash = createHash("sha256");
  let kept = Buffer.alloc(0);
  let started = false;
  let counted = 0;
  let digest: string | undefined;
  const take = (bytes: Uint8Array): void => {
    hash.update(bytes);
    counted += bytes.length;
  };
  return {
    add(bytes) {
      if (digest !== undefined) return;
      kept = kept.length === 0 ? Buffer.from(bytes) : Buffer.concat([kept, bytes]);
      if (!started) {
        const at = kept.indexOf(begin);
        if (at < 0) return;
        started = true;
        kept = kept.subarray(at + begin.length);
      }
      const at = kept.indexOf(end);
      if (at >= 0) {
        take(kept.subarray(0, at));
        digest = hash.digest("hex");
        return;
      }
      // The end mark may lie across two pieces.
      const sure = Math.max(0, kept.length - end.length);
      take(kept.subarray(0, sure));
      kept = Buffer.from(kept.subarray(sure));
    },
    get bytes() {
      return counted;
    },
    get digest() {
      return digest;
    },
  };
}
