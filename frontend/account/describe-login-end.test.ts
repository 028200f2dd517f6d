import { expect, it } from "vitest";
import { describeLoginEnd } from "./describe-login-end.ts";

it("promises no log-in and no running terminals to an account that is gone", () => {
  const gone = describeLoginEnd("account_deleted");
  expect(gone.canLogIn).toBe(false);
  expect(gone.text).not.toMatch(/go on running/);
  expect(describeLoginEnd("expired").canLogIn).toBe(true);
});

it("tells somebody whose login was ended elsewhere what to do if it was not they", () => {
  expect(describeLoginEnd("ended_by_user").text).toMatch(/change your password/);
  expect(describeLoginEnd("password_changed").text).toMatch(/tell an admin/);
});
