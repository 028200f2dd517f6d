import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import { expect, it } from "vitest";
import { describeAccountFailure } from "./describe-account-failure.ts";

const refusal = (reason: string, message = "") =>
  new ConnectError(message, Code.FailedPrecondition, {}, [
    { desc: ErrorReasonSchema, value: { reason } },
  ]);

it("says what to do next", () => {
  expect(describeAccountFailure(refusal("username_taken"))).toMatch(/Choose another/);
  expect(describeAccountFailure(refusal("token_refused"))).toMatch(/Ask for a new one/);
});

it("gives the hub's own words where only they know", () => {
  expect(describeAccountFailure(refusal("password_unfit", "this password is too common"))).toBe(
    "This password is too common.",
  );
});

it("is not confused by reasons that it does not know", () => {
  for (const reason of ["", "toString", "__proto__", "constructor"]) {
    expect(describeAccountFailure(refusal(reason, "no"))).toBe("No.");
  }
  expect(describeAccountFailure(new TypeError("x"))).toMatch(/\.$/);
});
