// The short run: every operation, a few moments each. `npm run test:faults` is the long one.
import { expect, inject, test } from "vitest";
import { carelessFault } from "./careless-fault.ts";
import { faultOperations } from "./fault-operations.ts";
import { runFaults } from "./run-faults.ts";

const runs = 20;

test("operations that are killed lose nothing, and go on when they are asked again", async () => {
  const seed = inject("propertySeed") + 1;
  const report = await runFaults({ operations: faultOperations, seed, runs });
  expect(report.kills).toBe(runs);
  expect([...report.operations.keys()]).toEqual(faultOperations.map(({ name }) => name));
  for (const [name, { moments }] of report.operations) expect(moments, name).toBeGreaterThan(0);
  // Against the end of the host, which a kill is not: flushed, then put in place, then its directory.
  for (const name of ["rotate", "rotate-pepper --grace", "wrap"]) {
    expect(report.operations.get(name)?.changes.slice(-4), name).toEqual([
      "writeSync",
      "fsyncSync",
      "renameSync",
      "fsyncSync",
    ]);
  }
}, 300_000);

test("the runner finds what is lost, and says where", async () => {
  const careless = runFaults({ operations: [carelessFault], seed: 1, runs: 6 });
  await expect(careless).rejects.toThrow(
    /^careless, killed \w+ change [12] \(writeFileSync\), seed 1: the text is lost$/,
  );
});
