import { createInterface } from "node:readline/promises";

/** A question on the terminal; anything but a clear yes is a no. Only where somebody can answer. */
export async function askPerson(question: string, signal: AbortSignal): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    const closed = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
    const answer = await Promise.race([lines.question(question, { signal }), closed]);
    return /^\s*(?:y|yes)\s*$/i.test(answer);
  } finally {
    lines.close();
  }
}
