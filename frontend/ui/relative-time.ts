/** "3 minutes ago", "in 4 seconds"; exact times belong into a tooltip beside it. */
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

export function relativeTime(atMs: number, nowMs: number): string {
  const distance = atMs - nowMs;
  for (const [unit, ms] of units) {
    if (Math.abs(distance) >= ms) return words.format(Math.trunc(distance / ms), unit);
  }
  return "now";
}

/** "4 min", "2 h 5 min". */
export function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.max(0, Math.floor(ms / 1000))} s`;
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function exactTime(atMs: number): string {
  return new Date(atMs).toLocaleString();
}
