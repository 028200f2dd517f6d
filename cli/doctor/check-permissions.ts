import { lstatSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { checkPrivatePath, PrivatePathError } from "@leapmux/shared/platform/check-private-path.ts";
import { type Finding, ok, problem } from "./finding.ts";

/** The directory and everything in it, all that is wrong at once. `groupMayList`: of a hub. */
export function checkPermissions(dataDir: string, groupMayList: boolean): Finding[] {
  const findings = [judge(dataDir, "directory", groupMayList)];
  for (const name of readdirSync(dataDir)) {
    const each = path.join(dataDir, name);
    const stats = statSync(each, { throwIfNoEntry: false });
    // A socket has the mode that it was made with, and its own rules.
    if (stats?.isFile() === true) findings.push(judge(each, "file", false));
    if (stats?.isDirectory() === true) findings.push(judge(each, "directory", groupMayList));
  }
  const wrong = findings.filter((each) => each !== null);
  return wrong.length > 0 ? wrong : [ok("permissions", "nobody else can read what is kept here")];
}

/** Whether everything in it can be looked at as this user, without leaving files of another owner behind. */
export function belongsToUs(dataDir: string): boolean {
  const userId = process.getuid?.();
  return userId === undefined || statSync(dataDir).uid === userId;
}

function judge(each: string, what: "file" | "directory", groupMayList: boolean): Finding | null {
  try {
    const userId = process.getuid?.();
    const [own, target] = [lstatSync(each), statSync(each)];
    checkPrivatePath({ path: each, what, own, target, userId, groupMayList });
    return null;
  } catch (error) {
    if (!(error instanceof PrivatePathError)) throw error;
    return problem("permissions", error.message, remedyOf(error));
  }
}

function remedyOf(error: PrivatePathError): string {
  return /`([^`]+)`/.exec(error.next)?.[1] ?? error.next;
}
