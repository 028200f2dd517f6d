import { openAuditChain, type AuditChain } from "./audit/audit-chain.ts";
import { makeAuditKeyFiles } from "./audit/audit-key.ts";
import { makeAuditLog, type AuditLog } from "./audit/audit-log.ts";
import { makeAuditReader, type AuditReader } from "./audit/audit-reader.ts";
import type { HubLimits } from "./config/hub-limits.ts";
import type { HubClock } from "./ops/hub-clock.ts";
import type { HubLog } from "./ops/hub-log.ts";
import type { Store } from "./store/open-store.ts";

/** The audit log of a data directory: for the hub, and for a command beside it or without it. */
export async function makeAudit(given: {
  readonly store: Store;
  readonly dataDir: string;
  readonly clock: HubClock;
  readonly limits: HubLimits;
  readonly log: HubLog;
}): Promise<{
  readonly chain: AuditChain;
  readonly audit: AuditLog;
  readonly reader: AuditReader;
}> {
  const { store, dataDir, clock, limits, log } = given;
  const chain = await openAuditChain({
    store,
    keys: makeAuditKeyFiles(dataDir),
    wallMs: clock.wallMs,
    signEveryEntries: limits.auditSignEveryEntries,
  });
  return {
    chain,
    audit: makeAuditLog({ chain, clock, limits, log }),
    reader: makeAuditReader(store),
  };
}
