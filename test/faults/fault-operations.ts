import type { FaultOperation } from "./fault-operation.ts";
import { backupFaults } from "./backup-faults.ts";
import { keyFaults } from "./key-faults.ts";

/** Whoever adds an operation that writes what must not be lost adds it here. */
export const faultOperations: readonly FaultOperation[] = [...keyFaults, ...backupFaults];
