/**
 * The keys that seal what the hub has to read again: one on each line, `version:base64` of 32 bytes, with `#`
 * before comments. The highest version seals; all of them open. `# made` behind a key says since when it is
 * there; a key without it is fine. Where the text is kept: ring-file.ts.
 */
export interface KeyRing {
  readonly activeVersion: number;
  /** By version, 1 to 2^32 - 1; 32 bytes each. */
  readonly keys: ReadonlyMap<number, Uint8Array>;
  /** By version, where the file says so. */
  readonly madeAtMs?: ReadonlyMap<number, number>;
}

/** The message says where and what to do, never what stands in the file. */
export class KeyRingError extends Error {
  override readonly name = "KeyRingError";
}

export const keyBytes = 32;
const maxVersion = 2 ** 32 - 1;

export function parseKeyRing(text: string, file: string): KeyRing {
  const keys = new Map<number, Uint8Array>();
  const madeAtMs = new Map<number, number>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = line.replace(/#.*$/, "").trim();
    if (content === "") continue;
    const where = `line ${index + 1}`;
    const [, digits = "", encoded = ""] =
      /^([1-9]\d{0,9}):([A-Za-z0-9+/]{43}=)$/.exec(content) ?? [];
    const version = Number(digits);
    const key = Buffer.from(encoded, "base64");
    if (digits === "" || version > maxVersion || key.toString("base64") !== encoded) {
      throw damaged(file, `${where} is not \`version:base64\` of ${keyBytes} bytes`);
    }
    if (keys.has(version)) throw damaged(file, `${where} repeats version ${version}`);
    keys.set(version, new Uint8Array(key));
    const made = Date.parse(/# made (\d{4}-\d\d-\d\dT[\d:.]{8,12}Z)\s*$/.exec(line)?.[1] ?? "");
    if (!Number.isNaN(made)) madeAtMs.set(version, made);
  }
  if (keys.size === 0) throw damaged(file, "holds no key");
  return { activeVersion: Math.max(...keys.keys()), keys, madeAtMs };
}

export function formatKeyRing({ keys, madeAtMs }: KeyRing): string {
  const lines = [...keys]
    .sort(([one], [other]) => other - one)
    .map(([version, key]) => {
      const made = madeAtMs?.get(version);
      const comment = made === undefined ? "" : ` # made ${new Date(made).toISOString()}`;
      return `${version}:${Buffer.from(key).toString("base64")}${comment}\n`;
    });
  return `# Seals secrets of hub.db. Back it up apart from the database; never edit or share it.\n${lines.join("")}`;
}

/** With one key more, which is the active one from now on. */
export function withNewKey(ring: KeyRing | null, key: Uint8Array, nowMs: number): KeyRing {
  const version = (ring?.activeVersion ?? 0) + 1;
  if (version > maxVersion) throw new KeyRingError("there is no version left for another key");
  return {
    activeVersion: version,
    keys: new Map([...(ring?.keys ?? []), [version, key]]),
    madeAtMs: new Map([...(ring?.madeAtMs ?? []), [version, nowMs]]),
  };
}

export function withoutKey(ring: KeyRing, version: number): KeyRing {
  const keys = new Map(ring.keys);
  keys.delete(version);
  const madeAtMs = new Map(ring.madeAtMs);
  madeAtMs.delete(version);
  return { activeVersion: ring.activeVersion, keys, madeAtMs };
}

export function damaged(file: string, problem: string): KeyRingError {
  return new KeyRingError(
    `the file ${file} is damaged (${problem}): restore it from a backup, for only its keys open what they sealed`,
  );
}
