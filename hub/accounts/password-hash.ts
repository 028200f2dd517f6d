import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { NoTurnError, type FairTurns, type TurnCaller } from "./fair-turns.ts";

/**
 * Argon2id as PHC strings. A hash takes a core and 19 MiB for some ten milliseconds, so only few run at once
 * and only some wait, in fair turns: whoever comes beyond is told to come again (`HasherBusyError`, refusal
 * `throttled`) before anything was spent on them.
 */
export interface PasswordHasher {
  hash(password: string, caller: TurnCaller): Promise<string>;
  /** `stored` null, for an unknown user or one without a password: takes as long, and is false. */
  verify(password: string, stored: string | null, caller: TurnCaller): Promise<boolean>;
  /** True for what older parameters made: hash anew after the next password that was right. */
  needsRehash(stored: string): boolean;
}

export class HasherBusyError extends Error {
  override readonly name = "HasherBusyError";
  readonly retryAfterMs = 1_000;

  constructor() {
    super("too many passwords are being checked");
  }
}

interface Parameters {
  readonly memoryKib: number;
  readonly passes: number;
  readonly parallelism: number;
}

interface StoredHash extends Parameters {
  readonly salt: Uint8Array;
  readonly tag: Uint8Array;
}

const current: Parameters = { memoryKib: 19_456, passes: 2, parallelism: 1 };
const saltBytes = 16;
const tagBytes = 32;

/** Longer ones break the rules for passwords, so they cannot be right. UTF-16 units. */
const maxPasswordLength = 1024;

export function makePasswordHasher(turns: FairTurns): PasswordHasher {
  const decoy: StoredHash = {
    ...current,
    salt: randomBytes(saltBytes),
    tag: randomBytes(tagBytes),
  };

  async function inTurn<T>(caller: TurnCaller, work: () => Promise<T>): Promise<T> {
    try {
      return await turns.run(caller, work);
    } catch (error) {
      throw error instanceof NoTurnError ? new HasherBusyError() : error;
    }
  }

  return {
    hash: (password, caller) =>
      inTurn(caller, async () => {
        const salt = randomBytes(saltBytes);
        return encode({ ...current, salt, tag: await derive(password, current, salt, tagBytes) });
      }),

    verify: (password, stored, caller) =>
      inTurn(caller, async () => {
        const isPossible = password.length <= maxPasswordLength;
        const known = stored === null || !isPossible ? null : decode(stored);
        const { salt, tag, ...parameters } = known ?? decoy;
        const given = isPossible ? password : "";
        const actual = await derive(given, parameters, salt, tag.length);
        return timingSafeEqual(actual, tag) && known !== null;
      }),

    needsRehash(stored) {
      const known = decode(stored);
      return (
        known === null ||
        known.memoryKib !== current.memoryKib ||
        known.passes !== current.passes ||
        known.parallelism !== current.parallelism ||
        known.salt.length !== saltBytes ||
        known.tag.length !== tagBytes
      );
    },
  };
}

/** Keyboards write the same character in several ways; NFKC makes them one (RFC 8265, NIST SP 800-63B). */
function derive(
  password: string,
  { memoryKib, passes, parallelism }: Parameters,
  nonce: Uint8Array,
  tagLength: number,
): Promise<Buffer> {
  const message = password.normalize("NFKC");
  const parameters = { message, nonce, parallelism, tagLength, memory: memoryKib, passes };
  return new Promise((resolve, reject) => {
    argon2("argon2id", parameters, (error, tag) => {
      if (error) reject(error);
      else resolve(tag);
    });
  });
}

const form =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** Null for anything damaged, and for parameters that nobody would have chosen in good faith. */
function decode(stored: string): StoredHash | null {
  const [, memory = "", passes = "", parallelism = "", salt = "", tag = ""] =
    form.exec(stored) ?? [];
  const hash: StoredHash = {
    memoryKib: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, "base64"),
    tag: Buffer.from(tag, "base64"),
  };
  const isSane =
    within(hash.memoryKib, 7_168, 262_144) &&
    within(hash.passes, 1, 10) &&
    within(hash.parallelism, 1, 4) &&
    within(hash.salt.length, 8, 64) &&
    within(hash.tag.length, 16, 64);
  return isSane ? hash : null;
}

function encode({ memoryKib, passes, parallelism, salt, tag }: StoredHash): string {
  const parameters = `m=${memoryKib},t=${passes},p=${parallelism}`;
  return `$argon2id$v=19$${parameters}$${base64(salt)}$${base64(tag)}`;
}

/** The PHC form knows no padding. */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}

function within(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
