// Hands the seed of the run to fast-check in every test process.
import fc from "fast-check";
import { inject } from "vitest";

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: inject("propertySeed") });
