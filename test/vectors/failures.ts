/** What a case found wrong: one line per field, so that one bad value does not hide another. */
export interface Failures {
  readonly lines: readonly string[];
  add(field: string, what: string): void;
  expectEqual(field: string, actual: Uint8Array | null, expected: Uint8Array): void;
}

export function makeFailures(): Failures {
  const lines: string[] = [];

  function add(field: string, what: string): void {
    lines.push(`${field}: ${what}`);
  }

  return {
    lines,
    add,
    expectEqual(field, actual, expected) {
      if (!actual) add(field, "refused");
      else if (!Buffer.from(actual).equals(expected)) {
        add(field, `file has ${shorten(expected)}, computed ${shorten(actual)}`);
      }
    },
  };
}

function shorten(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex");
  return hex.length <= 32 ? hex || "nothing" : `${hex.slice(0, 32)}… (${bytes.length} bytes)`;
}
