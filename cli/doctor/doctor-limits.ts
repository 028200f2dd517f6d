/** From when on the doctor warns. */
export interface DoctorLimits {
  /** Of the key that seals. */
  readonly keyAgeMs: number;
  readonly backupAgeMs: number;
  /** Of the disk of a data directory: warned below the first, a problem below the second. */
  readonly fewFreeBytes: number;
  readonly leastFreeBytes: number;
  readonly certificateLeftMs: number;
  readonly clockDifferenceMs: number;
  readonly loginIdleMs: number;
  /** For each step of a look from outside. */
  readonly stepTimeoutMs: number;
}

const dayMs = 24 * 60 * 60_000;

export const doctorLimits: DoctorLimits = {
  keyAgeMs: 90 * dayMs,
  backupAgeMs: 7 * dayMs,
  fewFreeBytes: 1024 ** 3,
  leastFreeBytes: 100 * 1024 ** 2,
  certificateLeftMs: 14 * dayMs,
  clockDifferenceMs: 30_000,
  loginIdleMs: 30 * dayMs,
  stepTimeoutMs: 10_000,
};

export function daysOf(ms: number): number {
  return Math.floor(ms / dayMs);
}
