// Runs one command of `leapmux admin`: opens the hub that it is about, asks what has to be asked, prints.
import path from "node:path";
import { ConnectError } from "@connectrpc/connect";
import { CommandError } from "../command-error.ts";
import type { Environment } from "../config/environment.ts";
import type { Output } from "../output.ts";
import type { AdminRequest } from "./add-admin-commands.ts";
import type { AdminResult } from "./admin-result.ts";
import { makeAdminFlags } from "./admin-flags.ts";
import { askPassword, confirm } from "./ask-terminal.ts";
import { explainRefusal } from "./explain-refusal.ts";
import { findLocalHub, openAdminTarget } from "./open-admin-target.ts";
import { printResult } from "./print-result.ts";

export async function runAdmin(
  { words, run, given, argument }: AdminRequest,
  environment: Environment,
  output: Output,
): Promise<number> {
  const flags = makeAdminFlags(given);
  const orAsk = (question: string) => (flags.has("yes") ? Promise.resolve() : confirm(question));
  const { workingDir } = environment;
  if (run.isOnFiles === true) {
    const local = findLocalHub(flags, environment);
    const place = path.resolve(workingDir, argument ?? "");
    const result = await run.run({ local, flags, output, argument: place, confirm: orAsk });
    printResult(result, flags.has("json"), output);
    return exitCodeOf(result);
  }
  if (run.file !== undefined && argument !== undefined) {
    const other = ["hub", "token-file", "allow-http", "data-dir", "config"].find(flags.has);
    if (other !== undefined) {
      throw new CommandError("usage", `both ${run.file.placeholder} and --${other} are given`);
    }
    const file = path.resolve(workingDir, argument);
    const result = await run.file.run({ file, flags, workingDir });
    printResult(result, flags.has("json"), output);
    return exitCodeOf(result);
  }
  const target = await openAdminTarget(flags, environment, output, run.needsKeys === true);
  try {
    const result = await run.run({
      transport: target.transport,
      hubUrl: target.hubUrl,
      local: target.local,
      workingDir,
      flags,
      output,
      askPassword: () => askPassword(flags.text("password-file")),
      confirm: orAsk,
    });
    printResult(result, flags.has("json"), output);
    if (result.kind === "list" && (result.next ?? "") !== "") {
      const typed = flags.typed(["cursor"]);
      const command = ["leapmux admin", ...words, ...typed, "--cursor", result.next];
      output.hint(`next: ${command.join(" ")}`);
    }
    return exitCodeOf(result);
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    throw explainRefusal(target.name, error);
  } finally {
    await target.close();
  }
}

function exitCodeOf(result: AdminResult): number {
  return result.kind === "done" && result.isFailure === true ? 1 : 0;
}
