import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * Who may use a frontend that `leapmux open` serves. Loopback is open to everybody with an account on this
 * machine, and whatever passes here acts with the login of the person who started it. So:
 *
 * - a browser is let in by a secret that only the terminal (and a file of 0600) shows. It stands in the
 *   fragment of the address, which no server and no list of processes ever sees, and works once;
 * - the browser gets a cookie for it that no script can read and that goes with no request another site
 *   caused (HttpOnly, SameSite=Strict);
 * - cookies do not tell ports apart: what listens on 127.0.0.1:9999 would be sent those of 127.0.0.1:4327.
 *   Therefore the page has a host name of its own, a random one below localhost (see choose-address).
 *
 * Only hashes are kept, all in memory: with the process everybody is out.
 */
export interface Entrance {
  /** A fresh secret; the one before is worth nothing any more. */
  makeSecret(): string;
  /** The value of the cookie for whoever knows the secret, once. */
  enter(secret: string): string | null;
  /** By the cookie header of a request. */
  knows(cookieHeader: string | undefined): boolean;
  /** As `set-cookie` wants it. */
  cookie(value: string): string;
}

const maxBrowsers = 64;

export function makeEntrance(options: {
  /** Part of the cookie's name, for two of them under one host name. */
  readonly port: number;
  readonly random?: (length: number) => Uint8Array;
}): Entrance {
  const random = options.random ?? randomBytes;
  const name = `leapmux-open-${options.port}`;
  let secretHash: Buffer | null = null;
  /** The oldest first. */
  const browsers: Buffer[] = [];
  const token = (): string => Buffer.from(random(32)).toString("base64url");

  return {
    makeSecret() {
      const secret = `lmo_${token()}`;
      secretHash = hash(secret);
      return secret;
    },
    enter(secret) {
      if (secretHash === null || !timingSafeEqual(secretHash, hash(secret))) return null;
      secretHash = null;
      const value = token();
      browsers.push(hash(value));
      if (browsers.length > maxBrowsers) browsers.shift();
      return value;
    },
    knows(cookieHeader) {
      let known = false;
      for (const part of (cookieHeader ?? "").split(";")) {
        const at = part.indexOf("=");
        if (at === -1 || part.slice(0, at).trim() !== name) continue;
        const given = hash(part.slice(at + 1).trim());
        for (const each of browsers) known = timingSafeEqual(each, given) || known;
      }
      return known;
    },
    cookie: (value) => `${name}=${value}; Path=/; HttpOnly; SameSite=Strict`,
  };
}

function hash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
