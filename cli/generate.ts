// `npm run generate`: the code from the protos, then the settings tables of docs/configuration.md and
// the commands of docs/administration.md from what the program uses. What stands outside the markers is written by hand and stays.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { renewAdminCommands } from "./admin/describe-commands.ts";
import { renewSettingsTables } from "./config/describe-settings.ts";

const root = path.join(import.meta.dirname, "..");

execFileSync(path.join(root, "node_modules", ".bin", "buf"), ["generate"], {
  cwd: root,
  stdio: "inherit",
});
for (const [name, renew] of [
  ["configuration.md", renewSettingsTables],
  ["administration.md", renewAdminCommands],
] as const) {
  const file = path.join(root, "docs", name);
  writeFileSync(file, renew(readFileSync(file, "utf8")));
}
