// `npm run vectors -- FILE...`; without FILE those of this folder. The last line is the count alone;
// exit code 0 when all passed, 1 when not, 2 for an option or a file that cannot be read.
import { ownVectorFiles, runVectors } from "./run-vectors.ts";

const given = process.argv.slice(2).filter((argument) => argument !== "--");
const option = given.find((argument) => argument.startsWith("-"));

if (option === undefined) {
  await run(given);
} else {
  const help = option === "--help" || option === "-h";
  const text =
    "usage: npm run vectors -- [FILE...]\nWithout FILE it runs the files of test/vectors.";
  if (help) console.log(text);
  else console.error(`unknown option ${option}\n${text}`);
  process.exitCode = help ? 0 : 2;
}

async function run(files: readonly string[]): Promise<void> {
  try {
    const result = await runVectors(files.length > 0 ? files : ownVectorFiles, console.log);
    console.log(`${result.passed} passed, ${result.failed} failed`);
    process.exitCode = result.failed === 0 && result.passed > 0 ? 0 : 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    console.log("0 passed, 1 failed");
    process.exitCode = 2;
  }
}
