// `leapmux completion bash|zsh|fish` prints a script; the script asks the hidden `leapmux complete`
// for what may come next, so that it never has to be printed again.
import tab from "@bomb.sh/tab/commander";
import { adminGroups } from "./admin/groups.ts";
import { CommandError } from "./command-error.ts";
import { makeProgram } from "./program.ts";

const shells = ["bash", "zsh", "fish"];

export function runCompletion(shell: string): void {
  if (!shells.includes(shell)) {
    throw new CommandError("usage", `no completion for ${shell}`, `Known: ${shells.join(", ")}.`);
  }
  completionsOf().setup("leapmux", "leapmux", shell);
}

/** Prints what may follow `words`, the last of which may be unfinished. */
export function runComplete(words: string[]): void {
  completionsOf().parse(words);
}

function completionsOf() {
  // The library adds a command of its own for the script; ours has taken that place.
  const own = "print-completion";
  const completions = tab(
    makeProgram(() => {}, adminGroups),
    { completionCommandName: own },
  );
  completions.commands.delete(own);
  return completions;
}
