import { expect, test } from "vitest";
import { readRelyingParty } from "./relying-party.ts";

test.each([
  ["https://hub.example.com", "hub.example.com", "https://hub.example.com"],
  ["https://Hub.Example.com:8443/some/path", "hub.example.com", "https://hub.example.com:8443"],
  ["http://localhost:4327", "localhost", "http://localhost:4327"],
  ["http://127.0.0.1:4327", "localhost", "http://localhost:4327"],
  ["http://[::1]:4327/", "localhost", "http://localhost:4327"],
  ["http://hub.localhost", "hub.localhost", "http://hub.localhost"],
])("%s has passkeys of %s", (url, id, origin) => {
  expect(readRelyingParty(url)).toEqual({ id, origins: [origin] });
});

test.each([
  "",
  "hub.example.com",
  "http://hub.example.com",
  "https://192.0.2.1",
  "https://[2001:db8::1]",
  "https://127.0.0.1",
  "ftp://localhost",
  "http://localhost.example.com",
])("%j has none", (url) => expect(readRelyingParty(url)).toBeNull());
