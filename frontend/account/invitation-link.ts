import { exactTime, relativeTime } from "../ui/relative-time.ts";

/** The token stands behind the #, which no browser sends anywhere. */
export function invitationLink(token: string, origin = location.origin): string {
  return `${origin}/invite#${token}`;
}

export function untilWhen(expiresAtMs: number, nowMs = Date.now()): string {
  return `It ends ${relativeTime(expiresAtMs, nowMs)}: ${exactTime(expiresAtMs)}.`;
}
