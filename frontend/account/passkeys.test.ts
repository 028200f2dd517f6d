import { afterEach, describe, expect, it, vi } from "vitest";
import { encodeCredential, parseCreationOptions, parseRequestOptions } from "./passkeys.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);
const buffer = (...values: number[]) => bytes(...values).buffer;

afterEach(() => vi.unstubAllGlobals());

describe("a browser that cannot convert by itself", () => {
  it("gets the options with bytes in them", () => {
    vi.stubGlobal("PublicKeyCredential", {});
    expect(
      parseRequestOptions({
        challenge: "-_8",
        rpId: "localhost",
        userVerification: "preferred",
        allowCredentials: [{ id: "AQI", type: "public-key", transports: ["usb"] }],
      }),
    ).toEqual({
      challenge: bytes(0xfb, 0xff),
      rpId: "localhost",
      userVerification: "preferred",
      allowCredentials: [{ id: bytes(1, 2), type: "public-key", transports: ["usb"] }],
    });
    const made = parseCreationOptions({
      challenge: "AA",
      rp: { id: "localhost", name: "LeapMux" },
      user: { id: "BQ", name: "ada", displayName: "Ada" },
      pubKeyCredParams: [{ type: "public-key", alg: -7 }],
      excludeCredentials: [{ id: "Bg", type: "public-key" }],
    });
    expect(made).toMatchObject({
      challenge: bytes(0),
      user: { id: bytes(5), name: "ada", displayName: "Ada" },
      excludeCredentials: [{ id: bytes(6), type: "public-key" }],
    });
  });

  it("has its answers written out", () => {
    const common = {
      id: "AQI",
      rawId: buffer(1, 2),
      type: "public-key",
      authenticatorAttachment: null,
      getClientExtensionResults: () => ({}),
    };
    const used = {
      clientDataJSON: buffer(1),
      authenticatorData: buffer(2),
      signature: buffer(0xfb, 0xff),
      userHandle: null,
    };
    const json = encodeCredential({ ...common, response: used } as unknown as PublicKeyCredential);
    expect(JSON.parse(JSON.stringify(json))).toEqual({
      id: "AQI",
      rawId: "AQI",
      type: "public-key",
      clientExtensionResults: {},
      response: { clientDataJSON: "AQ", authenticatorData: "Ag", signature: "-_8" },
    });
    const made = {
      clientDataJSON: buffer(1),
      attestationObject: buffer(3),
      getTransports: () => ["internal"],
    };
    expect(
      encodeCredential({ ...common, response: made } as unknown as PublicKeyCredential),
    ).toMatchObject({
      response: { clientDataJSON: "AQ", attestationObject: "Aw", transports: ["internal"] },
    });
  });
});

it("leaves the converting to a browser that can", () => {
  const parsed = { challenge: bytes(9) };
  vi.stubGlobal("PublicKeyCredential", { parseRequestOptionsFromJSON: () => parsed });
  expect(parseRequestOptions({ challenge: "AA" })).toBe(parsed);
});
