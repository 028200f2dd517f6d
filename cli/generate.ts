// `npm run generate`: the code from the protos, then the settings tables of docs/configuration.md from
// the tables that the commands use. What stands outside the markers is written by hand and stays.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { renewSettingsTables } from "./config/describe-settings.ts";

const root = path.join(import.meta.dirname, "..");

execFileSync(path.join(root, "node_modules", ".bin", "buf"), ["generate"], {
  cwd: root,
  stdio: "inherit",
});
const file = path.join(root, "docs", "configuration.md");
writeFileSync(file, renewSettingsTables(readFileSync(file, "utf8")));
