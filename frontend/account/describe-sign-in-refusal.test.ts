import { expect, test } from "vitest";
import { describeSignInRefusal } from "./describe-sign-in-refusal.ts";

test("a refusal names the provider and the next step", () => {
  expect(describeSignInRefusal("declined", "Company").text).toContain("declined at Company");
  expect(describeSignInRefusal("taken", "Company").title).toBe("Not linked");
});

test("a code that is not known says to begin again, whatever it is called", () => {
  for (const code of ["", "stale", "constructor", "__proto__"]) {
    expect(describeSignInRefusal(code, "Company").text).toContain("Begin again");
  }
});
