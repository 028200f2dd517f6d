import { expect, test } from "vitest";
import { describePairing } from "./describe-pairing.ts";

test("only a pairing that counts is called one", () => {
  expect(describePairing("paired", "paired")).toMatchObject({ by: "print" });
  for (const outcome of ["expired", "guessed", "revoked", "failed"] as const) {
    const told = describePairing(outcome, "paired");
    expect(told?.by).toBe("warn");
    expect(told?.text).not.toMatch(/trusted from now on/);
    expect(told?.text).toMatch(/leapmux worker devices approve WORDS/);
    expect(describePairing(outcome, "hub")).toBeNull();
  }
  expect(describePairing("revoked", "paired")?.text).toMatch(/stays revoked/);
  expect(describePairing("guessed", "paired")?.text).toMatch(/too many wrong answers/);
});
