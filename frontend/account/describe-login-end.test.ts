import { LoginEndReason } from "@leapmux/proto/hub/v1/client_link_pb.ts";
import { expect, it } from "vitest";
import { describeLoginEnd } from "./describe-login-end.ts";

it("has words for every reason, also for those of a newer hub", () => {
  const titles = Object.values(LoginEndReason).map((reason) => describeLoginEnd(reason).title);
  expect(new Set(titles).size).toBe(titles.length);
  expect(describeLoginEnd(99 as LoginEndReason).title).toBe("You are not logged in any more");
});

it("promises no log-in to an account that is gone", () => {
  expect(describeLoginEnd(LoginEndReason.ACCOUNT_DELETED).canLogIn).toBe(false);
  expect(describeLoginEnd(LoginEndReason.EXPIRED).canLogIn).toBe(true);
});
