/**
 * How this device's own request to be trusted stands (protocol §7).
 *
 *   none ──ask──▶ asking ──▶ waiting ──grant came──▶ approved
 *                   │           ├──gone without one──▶ declined
 *                   ▼           └──ten minutes─────────▶ expired
 *                 failed                       each ──ask──▶ asking
 */
export type OwnApproval =
  | { readonly kind: "none" }
  | { readonly kind: "asking" }
  | { readonly kind: "waiting"; readonly requestId: string; readonly expiresAtMs: number }
  | { readonly kind: "approved" }
  | { readonly kind: "declined" }
  | { readonly kind: "expired" }
  | { readonly kind: "failed"; readonly error: unknown };

export interface ApprovalNews {
  readonly nowMs: number;
  /** Of this device, as the hub lists it. */
  readonly request: { readonly requestId: string; readonly expiresAtMs: number } | undefined;
  /** Names of the good grants for this device. */
  readonly vouching: readonly string[];
  /** Those of before the request. */
  readonly vouchedBefore: readonly string[];
}

export function followOwnApproval(state: OwnApproval, news: ApprovalNews): OwnApproval {
  const { nowMs, request } = news;
  const isOpen = request !== undefined && nowMs < request.expiresAtMs;
  switch (state.kind) {
    case "asking":
      return state;
    case "waiting":
      if (news.vouching.some((id) => !news.vouchedBefore.includes(id))) return { kind: "approved" };
      if (isOpen) return { kind: "waiting", ...pick(request) };
      return { kind: nowMs < state.expiresAtMs ? "declined" : "expired" };
    default:
      // Asked before the page was loaded anew.
      return isOpen ? { kind: "waiting", ...pick(request) } : state;
  }
}

function pick({ requestId, expiresAtMs }: { requestId: string; expiresAtMs: number }) {
  return { requestId, expiresAtMs };
}
