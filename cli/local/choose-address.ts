import { createHash, randomBytes } from "node:crypto";

/**
 * Where a hub's frontend is served on this machine. A browser keeps device keys and pins by origin, so both
 * halves stay the same for a hub: the port follows from the hub's address until it is remembered, the name
 * is made once and remembered.
 *
 * The name is random and lies below localhost, which browsers resolve to loopback by themselves (RFC 6761
 * §6.3): cookies of it go to no other program of this machine, and nobody who does not know it can have a
 * page of the same origin loaded while the port is free.
 */

/** Below the ports that systems hand out by themselves (from 32768, or 49152). */
const firstPort = 21_000;
const ports = 10_000;

export function derivePort(hub: string): number {
  const digest = createHash("sha256").update(`leapmux open ${hub}`).digest();
  return firstPort + (digest.readUInt32BE(0) % ports);
}

export function makeLabel(random: (length: number) => Uint8Array = randomBytes): string {
  return `lm-${Buffer.from(random(10)).toString("hex")}`;
}
