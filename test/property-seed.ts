// One seed for all property tests of a run: FC_SEED when given, else fresh; printed either way.
import { randomInt } from "node:crypto";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    propertySeed: number;
  }
}

let seed: number | undefined;

export default function propertySeed(project: TestProject): void {
  if (seed === undefined) {
    const given = process.env["FC_SEED"];
    seed = given === undefined || given === "" ? randomInt(2 ** 31) : Number(given);
    if (!Number.isInteger(seed)) throw new Error(`FC_SEED must be a whole number, not ${given}`);
    console.log(`property tests: FC_SEED=${seed}`);
  }
  project.provide("propertySeed", seed);
}
