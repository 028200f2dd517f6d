/** What the doctor says about one thing. The names of checks are stable: programs read them. */
export interface Finding {
  readonly check: string;
  readonly level: "ok" | "note" | "warning" | "problem";
  readonly sentence: string;
  /** What to do; a command where there is one. Always there for warnings and problems. */
  readonly remedy?: string;
}

export function ok(check: string, sentence: string): Finding {
  return { check, level: "ok", sentence };
}

export function note(check: string, sentence: string, remedy?: string): Finding {
  return { check, level: "note", sentence, ...(remedy === undefined ? {} : { remedy }) };
}

export function warning(check: string, sentence: string, remedy: string): Finding {
  return { check, level: "warning", sentence, remedy };
}

export function problem(check: string, sentence: string, remedy: string): Finding {
  return { check, level: "problem", sentence, remedy };
}

/** What a failure may say: its message where it is one of ours, else what the system calls it. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  return "code" in error && typeof error.code === "string" && /^[A-Z][A-Z0-9_]+$/.test(error.code)
    ? error.code
    : error.message;
}
