import { createServer } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, onTestFinished, test } from "vitest";
import { ProviderFailure } from "./provider-failure.ts";
import { makeProviderFetch, type ProviderFetchOptions } from "./provider-fetch.ts";

const base: ProviderFetchOptions = {
  clock: makeManualClock(0),
  timeoutMs: 1_000,
  maxBytes: 1_000,
  maxRequests: 10,
  allowLoopback: false,
};
const get = { method: "GET", headers: {}, body: undefined, redirect: "manual" } as const;

/** Why it was not asked. */
const detailOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => "asked",
    (error: unknown) => (error instanceof ProviderFailure ? error.detail : String(error)),
  );

test.each([
  "http://provider.example/",
  "http://127.0.0.1/",
  "ftp://provider.example/",
  "https://name:secret@provider.example/",
])("%s is not asked", async (address) => {
  const fetch = makeProviderFetch(base)("https://provider.example");
  expect(await detailOf(fetch(address, get))).toBe("insecure_address");
});

test.each([
  "https://127.0.0.1/",
  "https://[::1]/",
  "https://169.254.169.254/latest",
  "https://10.0.0.1/",
])("%s is not asked because a provider said so", async (address) => {
  const fetch = makeProviderFetch(base)("https://provider.example");
  expect(await detailOf(fetch(address, get))).toBe("private_address");
});

test("a name that means an address of the own network is not connected to", async () => {
  const lookup: LookupFunction = (_name, { all }, callback) =>
    all === true
      ? callback(null, [
          { address: "8.8.8.8", family: 4 },
          { address: "10.0.0.1", family: 4 },
        ])
      : callback(null, "10.0.0.1", 4);
  const fetch = makeProviderFetch({ ...base, lookup })("https://provider.example");
  expect(await detailOf(fetch("https://inside.example/", get))).toBe("private_address");
});

test("only so many requests are under way, and each ends at its deadline", async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clock = makeManualClock(0);
  const fetch = makeProviderFetch({ ...base, clock, maxRequests: 1, allowLoopback: true })(issuer);
  const reached = new Promise((resolve) => server.once("request", resolve));
  const first = detailOf(fetch(issuer, get));
  expect(await detailOf(fetch(issuer, get))).toBe("too_many_requests");
  await reached;
  clock.advance(1_000);
  expect(await first).toBe("too_slow");
});
