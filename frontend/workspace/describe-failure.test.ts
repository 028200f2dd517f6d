import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import { makeReasonError } from "@leapmux/shared/wire/call-error.ts";
import { describe, expect, test } from "vitest";
import { describeFailure } from "./describe-failure.ts";

describe("describeFailure", () => {
  test("knows the reason of a control call, which the hub gives as a detail", () => {
    const value = { reason: "worker_offline", retryAfterMs: 0 };
    const details = [{ desc: ErrorReasonSchema, value }];
    const error = new ConnectError("whatever", Code.Unavailable, undefined, details);
    expect(describeFailure(error)).toMatch(/worker is offline/);
  });

  test("knows the reason of a call inside a channel", () => {
    expect(describeFailure(makeReasonError(Code.PermissionDenied, "key_changed"))).toMatch(
      /key changed and was not accepted/,
    );
  });

  test("says by the code what the reason does not say", () => {
    expect(describeFailure(makeReasonError(Code.Unavailable, "link_lost"))).toMatch(
      /cannot be reached/,
    );
    expect(describeFailure(new ConnectError("no such directory", Code.FailedPrecondition))).toBe(
      "No such directory.",
    );
    // What nobody foresaw shows none of its words.
    expect(describeFailure(new Error("secret"))).not.toContain("secret");
  });
});
