// Runs one command of `leapmux admin`: opens the hub that it is about, asks what has to be asked, prints.
import path from "node:path";
import { ConnectError } from "@connectrpc/connect";
import type { Environment } from "../config/environment.ts";
import type { Output } from "../output.ts";
import type { AdminRequest } from "./add-admin-commands.ts";
import { makeAdminFlags } from "./admin-flags.ts";
import { askPassword, confirm } from "./ask-terminal.ts";
import { explainRefusal } from "./explain-refusal.ts";
import { findLocalHub, openAdminTarget } from "./open-admin-target.ts";
import { printResult } from "./print-result.ts";

export async function runAdmin(
  { words, run, given, argument = "" }: AdminRequest,
  environment: Environment,
  output: Output,
): Promise<number> {
  const flags = makeAdminFlags(given);
  const orAsk = (question: string) => (flags.has("yes") ? Promise.resolve() : confirm(question));
  if (run.isOnFiles === true) {
    const local = findLocalHub(flags, environment);
    const place = path.resolve(environment.workingDir, argument);
    const result = await run.run({ local, flags, output, argument: place, confirm: orAsk });
    printResult(result, flags.has("json"), output);
    return 0;
  }
  const target = await openAdminTarget(flags, environment, output, run.needsKeys === true);
  try {
    const result = await run.run({
      transport: target.transport,
      hubUrl: target.hubUrl,
      local: target.local,
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
    return 0;
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    throw explainRefusal(target.name, error);
  } finally {
    await target.close();
  }
}
