import { expect, test } from "vitest";
import { makeLoginCookie } from "./login-cookie.ts";

test("no script reads it, no other site sends it, and with https nobody else sets it", () => {
  const plain = makeLoginCookie(false);
  expect(plain.set("lml_x")).toBe(
    "leapmux-login=lml_x; Max-Age=34560000; Path=/; HttpOnly; SameSite=Lax",
  );
  const secure = makeLoginCookie(true);
  expect(secure.set("lml_x")).toBe(
    "__Host-leapmux-login=lml_x; Max-Age=34560000; Path=/; HttpOnly; SameSite=Lax; Secure",
  );
  expect(secure.clear()).toBe(
    "__Host-leapmux-login=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure",
  );
});

test.each([
  [null, null],
  ["", null],
  ["leapmux-login=lml_a", "lml_a"],
  ["other=1; leapmux-login=lml_a ;x=y", "lml_a"],
  ["leapmux-login=lml_a; leapmux-login=lml_a", "lml_a"],
  // A neighbour on the domain set a second one: nobody can tell which of them is ours.
  ["leapmux-login=lml_a; leapmux-login=lml_b", null],
  ["leapmux-login=", null],
  ["leapmux-login", null],
  ["xleapmux-login=lml_a", null],
  ["__Host-leapmux-login=lml_a", null],
  [";;;=;= leapmux-login", null],
])("%j holds %j", (header, token) => {
  expect(makeLoginCookie(false).read(header)).toBe(token);
});

test("a hub behind https takes no cookie that plain http could have set", () => {
  expect(makeLoginCookie(true).read("leapmux-login=lml_a")).toBeNull();
  expect(makeLoginCookie(true).read("__Host-leapmux-login=lml_a")).toBe("lml_a");
});
