export const maxInputBytes = 64 * 1024;

export type AcceptedInput =
  /** The part that is new; empty when all of it was there before. */
  | { readonly ok: true; readonly data: Uint8Array; readonly accepted: number }
  | { readonly ok: false; readonly reason: "too_large" | "gap" };

/** Input may be sent twice after a lost link and must count once: by its place in the view's input. */
export function acceptInput(accepted: number, offset: bigint, data: Uint8Array): AcceptedInput {
  if (data.length > maxInputBytes) return { ok: false, reason: "too_large" };
  if (offset > BigInt(accepted)) return { ok: false, reason: "gap" };
  const fresh = data.subarray(Math.min(accepted - Number(offset), data.length));
  return { ok: true, data: fresh, accepted: accepted + fresh.length };
}
