// `npm run check`: the whole truth, the same here and in CI. Runs every step in order, shows how long
// each took and stops at the first that fails. `--without-tests` is for whoever has just run them.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { parseArgs } from "node:util";

interface Step {
  name: string;
  command: string[];
  test?: true;
}

const steps: Step[] = [
  { name: "format", command: ["oxfmt", "--check", "."] },
  { name: "lint, with types", command: ["oxlint", "--type-aware", "."] },
  { name: "types of shared (neither DOM nor Node)", command: ["tsc", "-p", "shared"] },
  { name: "types of what runs in Node", command: ["tsc", "-p", "."] },
  { name: "types of the frontend", command: ["tsc", "-p", "frontend"] },
  { name: "protos", command: ["buf", "lint"] },
  {
    name: "secrets that must not be in the tree",
    command: ["secretlint", "--maskSecrets", "**/*", "**/.*"],
  },
  { name: "unused files, exports and dependencies", command: ["knip"] },
  {
    name: "import rules, conventions, documents, generated code",
    command: ["vitest", "run", "test/architecture"],
  },
  { name: "tests", command: ["vitest", "run"], test: true },
];

const root = path.join(import.meta.dirname, "..");
const { values } = parseArgs({ options: { "without-tests": { type: "boolean", default: false } } });

process.exitCode = check();

function check(): number {
  const startedAtMs = performance.now();
  // `vitest run` holds the architecture tests too: one of the two is enough.
  const wanted = steps.filter((step) => {
    return values["without-tests"]
      ? step.test !== true
      : !step.command.includes("test/architecture");
  });
  for (const step of wanted) {
    const stepStartedAtMs = performance.now();
    console.log(`\n▸ ${step.name}: ${step.command.join(" ")}`);
    const [program = "", ...args] = step.command;
    const { status } = spawnSync(path.join(root, "node_modules", ".bin", program), args, {
      cwd: root,
      stdio: "inherit",
    });
    if (status !== 0) {
      console.log(`✗ ${step.name} failed after ${since(stepStartedAtMs)}`);
      return 1;
    }
    console.log(`✓ ${step.name}, ${since(stepStartedAtMs)}`);
  }
  console.log(`\n✓ ${wanted.length} steps in ${since(startedAtMs)}`);
  return 0;
}

function since(startedAtMs: number): string {
  return `${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`;
}
