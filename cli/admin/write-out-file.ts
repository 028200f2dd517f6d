import { open, rm } from "node:fs/promises";
import path from "node:path";
import { CommandError } from "../command-error.ts";

/**
 * Lines of a hub into a new file that nobody else may read. Whole or not at all; never in the place of another
 * file, which may be the evidence that this one is to be compared with.
 */
export async function writeOutFile(
  workingDir: string,
  typed: string,
  batches: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
): Promise<{ readonly file: string; readonly lines: number }> {
  const file = path.resolve(workingDir, typed);
  const opened = await open(file, "wx", 0o600).catch((error: unknown) => {
    const code = error instanceof Error && "code" in error ? String(error.code) : "failed";
    const why = code === "EEXIST" ? "is there already" : `cannot be written (${code})`;
    throw new CommandError("failure", `the file ${file} ${why}`, undefined, error);
  });
  let lines = 0;
  try {
    for await (const batch of batches) {
      await opened.writeFile(batch.map((line) => `${requireLine(line)}\n`).join(""));
      lines += batch.length;
    }
    await opened.sync();
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await opened.close();
  }
  return { file, lines };
}

/** One line that steers no terminal: all that a hub writes is one, so another is not its. */
export function requireLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
  if (!/[\u0000-\u001f\u007f-\u009f]/.test(text)) return text;
  throw new CommandError("failure", "the hub sent what is no line of an audit log");
}
