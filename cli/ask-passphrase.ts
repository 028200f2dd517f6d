// Asks at the terminal for what must not be seen: nothing of it is echoed, and Ctrl-C ends the command.
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { CommandError } from "./command-error.ts";

/** Null where no person could answer. */
export function passphraseAsker(): ((question: string) => Promise<string>) | null {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) return null;
  return async (question) => {
    stderr.write(`${question}: `);
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input: stdin, output: nowhere, terminal: true });
    try {
      const ended = new Promise<never>((_, reject) => {
        const refused = new CommandError("failure", "no passphrase was given");
        lines.on("SIGINT", () => reject(refused)).on("close", () => reject(refused));
      });
      return await Promise.race([lines.question(""), ended]);
    } finally {
      lines.close();
      stderr.write("\n");
    }
  };
}
