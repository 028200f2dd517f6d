// `npm run test:faults`: at least 200 kills, by default 270, over every operation. FAULT_SEED repeats a run,
// FAULT_RUNS changes their number.
import { randomInt } from "node:crypto";
import { faultOperations } from "./fault-operations.ts";
import { runFaults } from "./run-faults.ts";

const seed = numberOf("FAULT_SEED") ?? randomInt(1, 2 ** 31);
const runs = numberOf("FAULT_RUNS") ?? 270;
console.log(`FAULT_SEED=${seed}, ${runs} kills`);
const { kills } = await runFaults({
  operations: faultOperations,
  seed,
  runs,
  report: (line) => console.log(line),
});
console.log(`${kills} kills, nothing lost`);

function numberOf(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === "") return undefined;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${name} must be a whole number`);
  return number;
}
