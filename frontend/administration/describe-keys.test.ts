import { create } from "@bufbuild/protobuf";
import { TokenCountsSchema } from "@leapmux/proto/hub/v1/admin_keys_pb.ts";
import { expect, test } from "vitest";
import { describeKeyAge, describeTokenCounts, describeUses, shareDone } from "./describe-keys.ts";

const dayMs = 86_400_000;

test("a key is due from its ninetieth day on", () => {
  const now = 1_000 * dayMs;
  expect(describeKeyAge(now - 10, now)).toEqual({ text: "made today", isDue: false });
  // Clocks differ.
  expect(describeKeyAge(now + dayMs, now)).toEqual({ text: "made today", isDue: false });
  expect(describeKeyAge(now - dayMs, now)).toEqual({ text: "1 day old", isDue: false });
  expect(describeKeyAge(now - 90 * dayMs + 1, now).isDue).toBe(false);
  expect(describeKeyAge(now - 90 * dayMs, now)).toEqual({ text: "90 days old", isDue: true });
  expect(describeKeyAge(0, now)).toEqual({ text: "age not known", isDue: false });
});

test("what hangs on a key is counted, and what there is none of is not named", () => {
  const [table, column] = ["users", "totp_secret"];
  expect(describeUses([])).toBe("nothing");
  expect(describeUses([{ table, column, count: 3n }])).toBe("3 of users.totp_secret");
  const counts = create(TokenCountsSchema, { logins: 1n, workers: 2n, recoveryCodes: 8n });
  expect(describeTokenCounts(counts)).toBe("1 login, 2 workers and 8 recovery codes");
  expect(describeTokenCounts(undefined)).toBe("nothing");
});

test("progress is whole where there was nothing to do", () => {
  expect(shareDone(0n, 0n)).toBe(1);
  expect(shareDone(1n, 3n)).toBe(0.25);
});
