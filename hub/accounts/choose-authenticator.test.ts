import { expect, test } from "vitest";
import { chooseAuthenticator } from "./choose-authenticator.ts";

const headers = new Headers({ authorization: "Bearer something" });

test("solo is everybody's admin, an unknown kind of hub knows nobody", async () => {
  const solo = chooseAuthenticator("solo");
  const principal = await solo.authenticate(headers);
  expect(principal).toEqual({ userId: "solo", role: "admin", loginId: null });
  expect(principal !== null && solo.isStillValid(principal)).toBe(true);
  expect(solo.isStillValid({ userId: "ann", role: "user", loginId: null })).toBe(false);

  const unknown = chooseAuthenticator("team");
  expect(await unknown.authenticate(headers)).toBeNull();
  expect(unknown.isStillValid({ userId: "solo", role: "admin", loginId: null })).toBe(false);
});
