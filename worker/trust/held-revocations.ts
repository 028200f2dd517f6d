import { trustBounds } from "./trust-store.ts";

/**
 * Revocations with a good signature, of devices that nothing vouches for yet; tried again when that changes.
 * Whoever has a login can make as many device keys as they like, so places are few for each issuer and the
 * one with the most makes room. What had to go is not lost: the hub keeps it, and is asked for it again.
 */
export interface HeldRevocations {
  hold(statementId: string, issuerId: string, signed: Uint8Array): void;
  drop(statementId: string): void;
  /** Whether these very bytes are held. */
  has(statementId: string, signed: Uint8Array): boolean;
  /** Oldest first. */
  list(): readonly Uint8Array[];
  /** Whether anything had to make room since this was asked last. */
  takeCrowdedOut(): boolean;
  /** Something did not even get here. */
  noteLost(): void;
}

export function makeHeldRevocations(
  bounds: {
    readonly heldRevocations: number;
    readonly heldRevocationsPerIssuer: number;
  } = trustBounds,
): HeldRevocations {
  const held = new Map<string, { readonly issuerId: string; readonly signed: Uint8Array }>();
  let isCrowdedOut = false;

  const ofIssuer = (issuerId: string): string[] =>
    [...held].filter(([, each]) => each.issuerId === issuerId).map(([statementId]) => statementId);

  function makeRoom(issuerId: string): void {
    const own = ofIssuer(issuerId);
    const isFull = held.size >= bounds.heldRevocations;
    if (own.length < bounds.heldRevocationsPerIssuer && !isFull) return;
    let most = own;
    if (own.length < bounds.heldRevocationsPerIssuer) {
      for (const issuer of new Set([...held.values()].map((each) => each.issuerId))) {
        const theirs = ofIssuer(issuer);
        if (theirs.length > most.length) most = theirs;
      }
    }
    const [oldest] = most;
    if (oldest === undefined) return;
    held.delete(oldest);
    isCrowdedOut = true;
  }

  return {
    hold(statementId, issuerId, signed) {
      if (held.has(statementId)) return;
      makeRoom(issuerId);
      held.set(statementId, { issuerId, signed: signed.slice() });
    },
    drop: (statementId) => void held.delete(statementId),
    has(statementId, signed) {
      const present = held.get(statementId);
      return present !== undefined && Buffer.compare(present.signed, signed) === 0;
    },
    list: () => [...held.values()].map((each) => each.signed),
    takeCrowdedOut() {
      const had = isCrowdedOut;
      isCrowdedOut = false;
      return had;
    },
    noteLost() {
      isCrowdedOut = true;
    },
  };
}
