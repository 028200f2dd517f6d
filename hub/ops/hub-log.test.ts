import pino from "pino";
import { expect, test } from "vitest";
import { makeHubLog, type LogFields } from "./hub-log.ts";

function make() {
  const lines: string[] = [];
  const log = makeHubLog(pino({}, { write: (line: string) => void lines.push(line) }));
  return { log, text: () => lines.join("") };
}

test("ids, reasons and numbers pass", () => {
  const { log, text } = make();
  log.info("channel open", { channelId: "fJYM_ZeEgfZWkqIaNSlV1g", reason: "closed", count: 3 });
  expect(JSON.parse(text())).toMatchObject({
    msg: "channel open",
    channelId: "fJYM_ZeEgfZWkqIaNSlV1g",
    reason: "closed",
    count: 3,
  });
});

test("tokens, keys, sentences and unknown fields do not", () => {
  const { log, text } = make();
  const sneaky = {
    userId: "lmw_0123456789abcdefghijklmnop",
    workerId: "lmk_0123456789abcdefghijklmnop",
    reason: "typed: rm -rf secret",
    title: "my-title",
    bytes: new Uint8Array([115, 101]),
  };
  log.warn("event", sneaky as unknown as LogFields);
  const line = JSON.parse(text()) as Record<string, unknown>;
  expect(line).toMatchObject({
    userId: "[redacted]",
    workerId: "[redacted]",
    reason: "[redacted]",
  });
  expect(line).not.toHaveProperty("title");
  expect(line).not.toHaveProperty("bytes");
});

test("of an error only its kind and places in files", () => {
  const { log, text } = make();
  const error = Object.assign(new TypeError("cannot read /home/ann/secret"), { code: "EACCES" });
  log.failure("call failed", error);
  const line = JSON.parse(text()) as { error: Record<string, string> };
  expect(line.error).toMatchObject({ name: "TypeError", code: "EACCES" });
  expect(line.error["at"]).toMatch(/^hub-log\.test\.ts:\d+/);
  expect(text()).not.toContain("ann");
  log.failure("call failed", "a thrown string with contents");
  expect(text()).not.toContain("contents");
});
