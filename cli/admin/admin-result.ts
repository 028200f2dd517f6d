/**
 * What a command answers, once for people and programs: each field has a stable name in JSON and a title in
 * tables, so that both always say the same.
 */
export type AdminResult =
  | {
      readonly kind: "list";
      /** Of the array in JSON, plural. */
      readonly name: string;
      readonly fields: readonly FieldName[];
      readonly rows: readonly (readonly Value[])[];
      /** Empty with the last page; undefined where there are no pages. */
      readonly next: string | undefined;
    }
  | {
      readonly kind: "record";
      readonly fields: readonly FieldName[];
      readonly row: readonly Value[];
    }
  | {
      readonly kind: "done";
      readonly sentences: readonly string[];
      readonly json: object;
      /** What was looked for is wrong: the exit code says so. */
      readonly isFailure?: true;
    }
  /** All of it is on standard output already, because it was too long to hold or has a form of its own. */
  | { readonly kind: "printed" };

export const printed: AdminResult = { kind: "printed" };

export interface FieldName {
  /** In JSON; documented, and never changed. */
  readonly name: string;
  readonly title: string;
}

export interface Field<Row> extends FieldName {
  readonly value: (row: Row) => Value;
}

/** Null is "none". */
export type Value = string | number | bigint | boolean | null | Date;

const latestMs = 8_640_000_000_000_000n;

/** 0 is how the hub says "never"; what is no time at all is none either. */
export function timeOf(ms: bigint): Date | null {
  return ms === 0n || ms < -latestMs || ms > latestMs ? null : new Date(Number(ms));
}

export function listOf<Row>(
  name: string,
  fields: readonly Field<Row>[],
  { rows, next }: { readonly rows: readonly Row[]; readonly next?: string },
): AdminResult {
  const cells = rows.map((row) => fields.map(({ value }) => value(row)));
  return { kind: "list", name, fields, rows: cells, next };
}

export function recordOf<Row>(fields: readonly Field<Row>[], row: Row): AdminResult {
  return { kind: "record", fields, row: fields.map(({ value }) => value(row)) };
}

/** `json` is what the sentences say, by stable names. */
export function done(
  sentences: string | readonly string[],
  json: object,
): Extract<AdminResult, { readonly kind: "done" }> {
  return { kind: "done", sentences: [sentences].flat(), json };
}
