import { expect, test } from "vitest";
import { checkTotpCode, makeTotpSecret, toBase32, totpUri } from "./totp.ts";

/** RFC 6238, appendix B, the SHA-1 rows; six digits are the last six of their eight. */
const secret = new TextEncoder().encode("12345678901234567890");
const vectors = [
  [59, "287082"],
  [1_111_111_109, "081804"],
  [1_111_111_111, "050471"],
  [1_234_567_890, "005924"],
  [2_000_000_000, "279037"],
  [20_000_000_000, "353130"],
] as const;

const check = (code: string, seconds: number, lastStep = -1) =>
  checkTotpCode(secret, code, { nowMs: seconds * 1_000, lastStep });

test.each(vectors)("at %d s the code is %s", (seconds, code) => {
  const step = Math.floor(seconds / 30);
  expect(check(code, seconds)).toEqual({ ok: true, step });
  // Apps show it in two groups.
  expect(check(`${code.slice(0, 3)} ${code.slice(3)}`, seconds)).toEqual({ ok: true, step });
});

test("a code counts one step early or late, not two", () => {
  const [seconds, code] = vectors[3];
  const step = Math.floor(seconds / 30);
  for (const off of [-30, 0, 30]) expect(check(code, seconds + off)).toEqual({ ok: true, step });
  for (const off of [-90, -60, 60, 90]) expect(check(code, seconds + off)).toEqual({ ok: false });
});

test("a step that was accepted, and those before it, count no more", () => {
  const [seconds, code] = vectors[3];
  const step = Math.floor(seconds / 30);
  expect(check(code, seconds, step - 1)).toEqual({ ok: true, step });
  expect(check(code, seconds, step)).toEqual({ ok: false });
  expect(check(code, seconds, step + 1)).toEqual({ ok: false });
});

test.each([
  "",
  "28708",
  "2870820",
  "287083",
  "28708a",
  "２８７０８２",
  "94287082",
  "-87082",
  " ".repeat(5_000) + "287082",
])("%j is refused", (code) => expect(check(code, 59)).toEqual({ ok: false }));

test("base32 as in RFC 4648, and a secret of 160 bits", () => {
  const encode = (text: string) => toBase32(new TextEncoder().encode(text));
  expect(["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(encode)).toEqual([
    "",
    "MY",
    "MZXQ",
    "MZXW6",
    "MZXW6YQ",
    "MZXW6YTB",
    "MZXW6YTBOI",
  ]);
  expect(makeTotpSecret((length) => new Uint8Array(length))).toHaveLength(20);
});

test("the address for the QR code names everything that an app wants", () => {
  expect(totpUri(secret, "LeapMux (hub.example)", "ann")).toBe(
    "otpauth://totp/LeapMux%20(hub.example):ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=LeapMux%20(hub.example)&algorithm=SHA1&digits=6&period=30",
  );
});
