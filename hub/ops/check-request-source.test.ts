import { expect, test } from "vitest";
import { makeSourceRules, type RequestSource } from "./check-request-source.ts";

const make = (listenHost = "127.0.0.1") =>
  makeSourceRules({ listenHost, port: 4327, trustedOrigins: ["http://localhost:5173"] });

const source = (change: Partial<RequestSource>): RequestSource => ({
  host: "localhost:4327",
  origin: undefined,
  fetchSite: undefined,
  localAddress: "127.0.0.1",
  localPort: 4327,
  ...change,
});

const own = "http://localhost:4327";

test.each([
  ["localhost:4327", true],
  ["LOCALHOST:4327", true],
  ["127.0.0.1:4327", true],
  ["[::1]:4327", true],
  ["localhost", false],
  ["localhost:4328", false],
  ["localhost.:4327", false],
  ["127.0.0.1.nip.io:4327", false],
  ["evil.example:4327", false],
  ["evil.example", false],
  ["localhost:4327@evil.example", false],
  ["", false],
  [undefined, false],
])("host %s: %s", (host, ok) => {
  for (const purpose of ["page", "call"] as const) {
    expect(make().check(source({ host }), purpose).ok).toBe(ok);
  }
  if (!ok) expect(make().check(source({ host }), "page")).toMatchObject({ status: 421 });
});

test.each([
  [own, true],
  ["http://127.0.0.1:4327", true],
  ["http://[::1]:4327", true],
  ["http://localhost:5173", true],
  ["https://localhost:4327", false],
  ["http://localhost", false],
  ["http://localhost:43270", false],
  ["http://localhost:4327.evil.example", false],
  ["http://evil.example", false],
  ["null", false],
  ["", false],
])("origin %s: %s", (origin, ok) => {
  for (const purpose of ["page", "call", "link"] as const) {
    expect(make().check(source({ origin }), purpose).ok).toBe(ok);
  }
});

test("a link needs an origin, a call does not", () => {
  expect(make().check(source({}), "link")).toMatchObject({ ok: false, status: 403 });
  expect(make().check(source({}), "call").ok).toBe(true);
});

test.each([
  ["same-origin", true, true],
  ["none", true, true],
  ["same-site", true, false],
  ["cross-site", true, false],
])("sec-fetch-site %s: page %s, call and link %s", (fetchSite, page, call) => {
  expect(make().check(source({ fetchSite }), "page").ok).toBe(page);
  expect(make().check(source({ fetchSite, origin: own }), "call").ok).toBe(call);
  expect(make().check(source({ fetchSite, origin: own }), "link").ok).toBe(call);
});

test("a configured name is one of ours; the unspecified address is not", () => {
  expect(make("box.lan").check(source({ host: "box.lan:4327" }), "page").ok).toBe(true);
  expect(make("0.0.0.0").check(source({ host: "0.0.0.0:4327" }), "page").ok).toBe(false);
});

test("on an exposed hub the address that the connection reached is a host, a name is not", () => {
  const rules = make("0.0.0.0");
  const reached = { localAddress: "::ffff:192.168.1.5", host: "192.168.1.5:4327" };
  expect(rules.check(source(reached), "page").ok).toBe(true);
  const origin = "http://192.168.1.5:4327";
  expect(rules.check(source({ ...reached, origin }), "link").ok).toBe(true);
  expect(rules.check(source({ ...reached, origin: "http://192.168.1.6:4327" }), "link").ok).toBe(
    false,
  );
  expect(rules.check(source({ host: "192.168.1.6:4327" }), "page").ok).toBe(false);
  const six = { localAddress: "fd00::5", host: "[fd00::5]:4327" };
  expect(rules.check(source({ ...six, origin: "http://[fd00::5]:4327" }), "link").ok).toBe(true);
});

test("the public URL is one more name of ours, with its scheme", () => {
  const rules = makeSourceRules({
    listenHost: "127.0.0.1",
    port: 4327,
    publicUrl: "https://leapmux.example",
    trustedOrigins: [],
  });
  const origin = "https://leapmux.example";
  for (const host of ["leapmux.example", "LEAPMUX.example:443"]) {
    expect(rules.check(source({ host, origin }), "link").ok, host).toBe(true);
    expect(rules.linkSchemeOf(host)).toBe("wss");
  }
  expect(rules.linkSchemeOf("localhost:4327")).toBe("ws");
  for (const other of ["http://leapmux.example", "https://leapmux.example.evil.example"]) {
    expect(rules.check(source({ host: "leapmux.example", origin: other }), "call").ok).toBe(false);
  }
  for (const host of ["leapmux.example:80", "leapmux.example:4327", "sub.leapmux.example"]) {
    expect(rules.check(source({ host }), "page")).toMatchObject({ status: 421 });
  }
  // The way past the proxy stays open for whoever sits at the host.
  expect(rules.check(source({ origin: own }), "link").ok).toBe(true);
  const onPort = makeSourceRules({
    listenHost: "127.0.0.1",
    port: 4327,
    publicUrl: "http://box.lan:8080",
    trustedOrigins: [],
  });
  expect(onPort.check(source({ host: "box.lan:8080" }), "page").ok).toBe(true);
  expect(onPort.check(source({ host: "box.lan" }), "page").ok).toBe(false);
});
