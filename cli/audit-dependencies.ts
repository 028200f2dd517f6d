// `npm run audit:dependencies`: known vulnerabilities of what a release carries, as the registry tells them.
// High and critical ones fail. A registry that has no advisories to give is not an all-clear: it is said, and
// with `--required` it fails too.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { parseArgs } from "node:util";

interface AuditReport {
  metadata?: { vulnerabilities: Record<"high" | "critical" | "total", number> };
}

const root = path.join(import.meta.dirname, "..");
const { values } = parseArgs({ options: { required: { type: "boolean", default: false } } });
const { stdout } = spawnSync("npm", ["audit", "--omit", "dev", "--json"], {
  cwd: root,
  encoding: "utf8",
  stdio: ["ignore", "pipe", "ignore"],
  maxBuffer: 64 * 2 ** 20,
});
const found = readReport(stdout).metadata?.vulnerabilities;
if (found === undefined) {
  console.log("! NOT CHECKED for known vulnerabilities: the registry gave no advisories");
  process.exitCode = values.required ? 1 : 0;
} else if (found.high + found.critical > 0) {
  console.error(
    `✗ ${found.critical} critical and ${found.high} high vulnerabilities: see \`npm audit --omit dev\``,
  );
  process.exitCode = 1;
} else {
  console.log(`✓ no high or critical vulnerability is known (${found.total} lesser ones)`);
}

function readReport(text: string): AuditReport {
  try {
    return JSON.parse(text) as AuditReport;
  } catch {
    return {};
  }
}
