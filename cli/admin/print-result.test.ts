import { expect, test } from "vitest";
import { makeOutput } from "../output.ts";
import { done, listOf, recordOf, timeOf, type AdminResult, type Field } from "./admin-result.ts";
import { printResult } from "./print-result.ts";

interface Row {
  readonly name: string;
  readonly seenAtMs: bigint;
}

const fields: readonly Field<Row>[] = [
  { name: "name", title: "Name", value: ({ name }) => name },
  { name: "last_seen_at", title: "Last seen", value: ({ seenAtMs }) => timeOf(seenAtMs) },
];
const hostile = "a\u001b[2J\r\n\u202eb\u200b\u009b";

function print(result: AdminResult, { isJson = false, columns = 0 } = {}): string {
  let text = "";
  const sink = {
    write: (part: string) => (text += part),
    isTTY: columns > 0,
    columns,
  };
  printResult(result, isJson, makeOutput(sink, sink, true));
  return text;
}

test("what does not fit into the terminal is shown line by line", () => {
  const rows = [
    { name: "a", seenAtMs: 0n },
    { name: "漢字", seenAtMs: 0n },
  ];
  const list = listOf("things", fields, { rows });
  expect(print(list, { columns: 15 })).toBe("NAME  LAST SEEN\na     -\n漢字  -\n");
  expect(print(list, { columns: 14 })).toBe(
    "Name:       a\nLast seen:  -\n\nName:       漢字\nLast seen:  -\n",
  );
});

test("no value steers the terminal, and a program gets it as it is", () => {
  const row = { name: hostile, seenAtMs: 1_000n };
  for (const result of [
    listOf("things", fields, { rows: [row] }),
    recordOf(fields, row),
    done(hostile, {}),
  ]) {
    expect(print(result)).toContain("a�[2J���b��");
    // eslint-disable-next-line no-control-regex -- control characters are exactly what must not be there
    expect(print(result)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  }
  const json = print(recordOf(fields, row), { isJson: true });
  // eslint-disable-next-line no-control-regex -- control characters are exactly what must not be there
  expect(json).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(JSON.parse(json)).toEqual({ name: hostile, last_seen_at: "1970-01-01T00:00:01.000Z" });
});

test("lists with pages say where the next one begins, or that there is none", () => {
  const next = (token: string) =>
    JSON.parse(print(listOf("things", fields, { rows: [], next: token }), { isJson: true }));
  expect(next("abc")).toEqual({ things: [], next_cursor: "abc" });
  expect(next("")).toEqual({ things: [], next_cursor: null });
});
