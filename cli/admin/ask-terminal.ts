// What has to be typed: a password without showing it, and whether something is meant. Without a terminal
// nobody is asked, and the command says which flag takes the place of the answer.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { CommandError } from "../command-error.ts";
import { printableCell } from "../format-table.ts";

const maxPasswordBytes = 4096;

export async function askPassword(file: string | undefined): Promise<string> {
  if (file !== undefined) return readPasswordFile(file);
  if (!process.stdin.isTTY) {
    throw new CommandError(
      "usage",
      "there is no terminal to ask for a password on",
      "Give --password-file FILE; - reads it from standard input.",
    );
  }
  const [first, second] = await readHidden(["New password: ", "The same again: "]);
  if (first !== second) throw new CommandError("failure", "the two passwords are not the same");
  return first ?? "";
}

/** Names in the question are those of a hub. */
export async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new CommandError(
      "usage",
      "there is no terminal to ask on whether this is meant",
      "Give --yes to say so.",
    );
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${printableCell(question)} Type yes to go on: `);
    if (answer.trim().toLowerCase() === "yes") return;
  } finally {
    lines.close();
  }
  throw new CommandError("failure", "nothing was done");
}

const readPasswordFile = (file: string): string => readSecretFile("password-file", file);

/** What a flag names that must not stand in a command itself. */
export function readSecretFile(flag: string, file: string): string {
  try {
    const bytes = readFileSync(file === "-" ? 0 : file);
    if (bytes.length > maxPasswordBytes) {
      throw new CommandError("usage", `--${flag} ${file} is too long`);
    }
    // The end of its line is not part of it.
    return bytes.toString("utf8").replace(/\r?\n$/, "");
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new CommandError("usage", `--${flag} ${file} cannot be read (${code})`);
  }
}

/** A line for each prompt. The terminal shows nothing meanwhile and is as before in the end. */
async function readHidden(prompts: readonly string[]): Promise<string[]> {
  const { stdin, stderr } = process;
  const lines: string[] = [];
  let line = "";
  stderr.write(prompts[0] ?? "");
  stdin.setRawMode(true);
  try {
    for await (const chunk of stdin.setEncoding("utf8")) {
      for (const char of String(chunk)) {
        if (char === "\u0003" || (char === "\u0004" && line === "")) {
          stderr.write("\n");
          throw new CommandError("failure", "stopped: no password was given");
        }
        if (char === "\r" || char === "\n") {
          lines.push(line);
          line = "";
          stderr.write("\n");
          if (lines.length === prompts.length) return lines;
          stderr.write(prompts[lines.length] ?? "");
        } else if (char === "\u007f" || char === "\b") {
          line = [...line].slice(0, -1).join("");
        } else if (line.length < maxPasswordBytes) {
          line += char;
        }
      }
    }
    throw new CommandError("failure", "stopped: no password was given");
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
  }
}
