import { existsSync } from "node:fs";
import path from "node:path";
import { readKeyFiles } from "@leapmux/hub/backup/backup-files.ts";
import { checkKeysFit } from "@leapmux/hub/backup/check-keys-fit.ts";
import { parsePeppers } from "@leapmux/hub/keystore/pepper-file.ts";
import { readRingText } from "@leapmux/hub/keystore/ring-file.ts";
import { isWrapped } from "@leapmux/hub/keystore/wrapped-ring.ts";
import type { Wrapping } from "@leapmux/hub/keystore/wrapping-key.ts";
import { PrivatePathError } from "@leapmux/shared/platform/check-private-path.ts";
import { daysOf, type DoctorLimits } from "./doctor-limits.ts";
import { describe, type Finding, note, ok, problem, warning } from "./finding.ts";

const fromBackup =
  "restore database and keys from the same backup: leapmux admin backup restore DIR";

/** The ring and the key of the hashes: readable, of the same time as the database, and not too old. */
export async function checkKeys(
  dataDir: string,
  wrapping: Wrapping,
  limits: DoctorLimits,
  nowMs: number,
): Promise<Finding[]> {
  const file = path.join(dataDir, "hub.db");
  try {
    const keys = readKeyFiles(dataDir);
    const ringText = textOf(keys.get("encryption.key"));
    if (ringText !== null && isWrapped(ringText) && wrapping.kind === "none") {
      const sentence =
        "encryption.key is wrapped, and nothing says how: its age and fit are unknown";
      return [note("keys", sentence, "set encryption_key_wrap as for the hub, then look again")];
    }
    if (existsSync(file)) await checkKeysFit({ file, keys, wrapping, place: dataDir });
    const findings = [ok("keys", "the keys are readable and open what they sealed")];
    if (ringText !== null) findings.push(...(await checkAge(ringText, wrapping, limits, nowMs)));
    const pepper = keys.get("token-hash.key");
    const former = pepper === undefined ? null : parsePeppers(pepper)?.former;
    if (former != null && former.untilMs > nowMs) {
      const until = new Date(former.untilMs).toISOString();
      findings.push(
        note("pepper", `tokens under the former token-hash.key still count until ${until}`),
      );
    }
    return findings;
  } catch (error) {
    // Told by the check of permissions.
    if (error instanceof PrivatePathError) return [];
    return [problem("keys", describe(error), fromBackup)];
  }
}

async function checkAge(
  text: string,
  wrapping: Wrapping,
  limits: DoctorLimits,
  nowMs: number,
): Promise<Finding[]> {
  const ring = await readRingText(text, "encryption.key", wrapping);
  const madeAtMs = ring?.madeAtMs?.get(ring.activeVersion);
  if (madeAtMs === undefined) {
    return [note("key_age", "encryption.key does not say since when its active key is there")];
  }
  const days = daysOf(nowMs - madeAtMs);
  if (nowMs - madeAtMs <= limits.keyAgeMs) {
    return [ok("key_age", `the active key is ${days} days old`)];
  }
  const sentence = `the active key of encryption.key is ${days} days old`;
  return [warning("key_age", sentence, "leapmux admin encryption-key rotate")];
}

function textOf(bytes: Uint8Array | undefined): string | null {
  return bytes === undefined ? null : Buffer.from(bytes).toString("utf8");
}
