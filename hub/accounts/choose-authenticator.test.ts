import { expect, test } from "vitest";
import { denyAll, type Authenticator } from "./authenticator.ts";
import { chooseAuthenticator } from "./choose-authenticator.ts";

const headers = new Headers({ authorization: "Bearer something" });
const ann = { userId: "ann", role: "user", loginId: "lgn_1" } as const;
const byLogin: Authenticator = {
  authenticate: () => Promise.resolve(ann),
  follow: () => () => undefined,
  hasExpired: () => Promise.resolve(true),
  isStillValid: (principal) => Promise.resolve(principal.loginId === "lgn_1"),
  renew: (principal) => Promise.resolve(principal.loginId === "lgn_1" ? ann : null),
};

test("solo is everybody's admin and asks no login", async () => {
  const solo = chooseAuthenticator("solo", byLogin);
  const principal = await solo.authenticate(headers);
  expect(principal).toEqual({ userId: "solo", role: "admin", loginId: null });
  expect(principal !== null && (await solo.isStillValid(principal))).toBe(true);
  expect(await solo.isStillValid(ann)).toBe(false);
  expect(principal !== null && (await solo.renew(principal))).toEqual(principal);
  expect(await solo.renew(ann)).toBeNull();
});

test.each(["hub", "dev"])("%s knows who has a login, nobody else", async (kind) => {
  const chosen = chooseAuthenticator(kind, byLogin);
  expect(await chosen.authenticate(headers)).toEqual(ann);
  expect(await chosen.isStillValid(ann)).toBe(true);
  expect(await chosen.isStillValid({ ...ann, loginId: null })).toBe(false);
});

test("an unknown kind of hub knows nobody", async () => {
  const unknown = chooseAuthenticator("team", byLogin);
  expect(unknown).toBe(denyAll);
  expect(await unknown.authenticate(headers)).toBeNull();
  expect(await unknown.hasExpired(headers)).toBe(false);
  expect(await unknown.isStillValid(ann)).toBe(false);
  expect(await unknown.renew(ann)).toBeNull();
});
