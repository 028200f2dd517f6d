import { expect, it } from "vitest";
import { type ApprovalNews, followOwnApproval, type OwnApproval } from "./own-approval.ts";

const request = { requestId: "r1", expiresAtMs: 600 };
const waiting: OwnApproval = { kind: "waiting", ...request };
const follow = (state: OwnApproval, news: Partial<ApprovalNews>) =>
  followOwnApproval(state, { nowMs: 100, request, vouching: [], vouchedBefore: [], ...news });

it("waits as long as the hub has the request", () => {
  expect(follow(waiting, {})).toEqual(waiting);
});

it("is approved by a grant that was not there when it asked", () => {
  const gone = { request: undefined };
  expect(follow(waiting, { ...gone, vouching: ["dev_a"] })).toEqual({ kind: "approved" });
  expect(follow(waiting, { ...gone, vouching: ["dev_a"], vouchedBefore: ["dev_a"] })).toEqual({
    kind: "declined",
  });
  // The grant may be there a moment before the request is gone.
  expect(follow(waiting, { vouching: ["dev_a"] })).toEqual({ kind: "approved" });
});

it("is declined when the request is gone early, and expired when its time is over", () => {
  expect(follow(waiting, { request: undefined, nowMs: 599 })).toEqual({ kind: "declined" });
  expect(follow(waiting, { request: undefined, nowMs: 600 })).toEqual({ kind: "expired" });
  expect(follow(waiting, { nowMs: 600 })).toEqual({ kind: "expired" });
});

it("goes on waiting on a page that was loaded anew", () => {
  expect(follow({ kind: "none" }, {})).toEqual(waiting);
  expect(follow({ kind: "none" }, { nowMs: 600 })).toEqual({ kind: "none" });
  expect(follow({ kind: "none" }, { request: undefined })).toEqual({ kind: "none" });
});

it("keeps what it came to until it asks again", () => {
  for (const kind of ["approved", "declined", "expired"] as const) {
    expect(follow({ kind }, { request: undefined })).toEqual({ kind });
  }
  expect(follow({ kind: "asking" }, { request: undefined })).toEqual({ kind: "asking" });
});
