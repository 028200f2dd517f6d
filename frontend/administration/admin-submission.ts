import { createSubmission, type Submission } from "../account/create-submission.ts";

/** What the reasons of administration mean to whoever reads them here. */
const sentences: ReadonlyMap<string, string> = new Map([
  ["admin_required", "You are not an admin any more. Close this, and ask another admin."],
  ["changed_meanwhile", "Somebody else changed settings just now. Look at them, and save again."],
  ["keys_busy", "Somebody else works on the keys just now. Try it again in a moment."],
]);

export function createAdminSubmission(): Submission {
  return createSubmission(sentences);
}
