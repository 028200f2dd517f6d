import { systemClock } from "../ops/hub-clock.ts";
import { makeHubLog } from "../ops/hub-log.ts";
import { makeHubLimits } from "../config/hub-limits.ts";
import { makeAudit } from "../make-audit.ts";
import { openStore } from "../store/open-store.ts";
import pino from "pino";

/** A process of its own that appends to the audit log of a data directory: `append-audit DIR COUNT ROTATIONS`. */
const [, , dataDir = "", count = "0", rotations = "0"] = process.argv;
const store = await openStore(dataDir);
const { audit, chain } = await makeAudit({
  store,
  dataDir,
  clock: systemClock,
  limits: makeHubLimits(),
  log: makeHubLog(pino({ level: "silent" })),
});
for (let n = 0; n < Number(count); n += 1) {
  await audit.append({
    actor: { kind: "console", id: "", via: "" },
    address: "",
    action: "user.deleted",
    target: { kind: "user", id: `usr_${process.pid}` },
    result: "done",
    detail: { n },
  });
}
for (let n = 0; n < Number(rotations); n += 1) {
  await chain.rotateKey({ kind: "console", id: "", via: "" });
}
await audit.stop();
await store.destroy();
