import { scrypt } from "node:crypto";
import type { Scrypt } from "@leapmux/shared/identity/fingerprint.ts";
import { plainBytes } from "./plain-bytes.ts";

/** For `fingerprint`: on the thread pool instead of in slices on the event loop. */
export const nativeScrypt: Scrypt = (password, salt, cost, length) =>
  new Promise((resolve, reject) => {
    // OpenSSL counts 128·N·r bytes and a little more; Node's default of 32 MiB is just too small.
    const maxmem = 2 * 128 * cost.N * cost.r;
    scrypt(password, salt, length, { ...cost, maxmem }, (error, key) => {
      if (error) reject(error);
      else resolve(plainBytes(key));
    });
  });
