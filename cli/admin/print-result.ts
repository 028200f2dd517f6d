// A table where it fits, one line for each field where the terminal is narrow, one JSON document for
// programs. No value steers the terminal that shows it.
import { formatTable, printableCell, printableJson, widthOf } from "../format-table.ts";
import type { Output } from "../output.ts";
import type { AdminResult, FieldName, Value } from "./admin-result.ts";

export function printResult(result: AdminResult, isJson: boolean, output: Output): void {
  if (result.kind === "printed") return;
  if (isJson) {
    output.print(printableJson(jsonOf(result)));
    return;
  }
  for (const line of linesOf(result, output.columns)) output.print(line);
}

type Shown = Exclude<AdminResult, { readonly kind: "printed" }>;

function jsonOf(result: Shown): object {
  switch (result.kind) {
    case "done":
      return result.json;
    case "record":
      return objectOf(result.fields, result.row);
    case "list": {
      const rows = result.rows.map((row) => objectOf(result.fields, row));
      const { name, next } = result;
      return next === undefined ? { [name]: rows } : { [name]: rows, next_cursor: next || null };
    }
  }
}

function linesOf(result: Shown, columns: number | undefined): readonly string[] {
  switch (result.kind) {
    case "done":
      return result.sentences.map(printableCell);
    case "record":
      return recordLines(result.fields, result.row);
    case "list": {
      const { name, fields, rows } = result;
      if (rows.length === 0) return [`No ${name.replaceAll("_", " ")}.`];
      const table = formatTable(
        fields.map(({ title }) => title.toUpperCase()),
        rows.map((row) => row.map(cellOf)),
      );
      const fits = columns === undefined || table.every((line) => widthOf(line) <= columns);
      if (fits) return table;
      return rows.flatMap((row, at) => [...(at === 0 ? [] : [""]), ...recordLines(fields, row)]);
    }
  }
}

function recordLines(fields: readonly FieldName[], row: readonly Value[]): readonly string[] {
  const widest = Math.max(...fields.map(({ title }) => title.length));
  return fields.map(({ title }, at) => {
    return `${`${title}:`.padEnd(widest + 1)}  ${printableCell(cellOf(row[at] ?? null))}`;
  });
}

function objectOf(fields: readonly FieldName[], row: readonly Value[]): object {
  return Object.fromEntries(fields.map(({ name }, at) => [name, jsonValue(row[at] ?? null)]));
}

function jsonValue(value: Value): string | number | boolean | null {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "bigint" ? Number(value) : value;
}

function cellOf(value: Value): string {
  if (value === null || value === "") return "-";
  if (value instanceof Date) return formatLocalTime(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  return String(value);
}

/** `2026-11-25T13:09:11+01:00`: what the clock on the wall said here, and how far that is from UTC. */
export function formatLocalTime(at: Date): string {
  const offset = -at.getTimezoneOffset();
  const local = new Date(at.getTime() + offset * 60_000).toISOString().slice(0, 19);
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const two = (count: number): string => String(count).padStart(2, "0");
  return `${local}${offset < 0 ? "-" : "+"}${two(hours)}:${two(minutes)}`;
}
