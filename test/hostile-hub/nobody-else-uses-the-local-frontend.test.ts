/**
 * What `leapmux open` serves acts with somebody's login, and its port is open to every program and every
 * website on that machine. Only the browser that was let in gets anywhere.
 */
import { GetSystemInfoResponseSchema } from "@leapmux/proto/hub/v1/system_pb.ts";
import { beforeAll, describe, expect, test } from "vitest";
import { cleanupAfterFile } from "../harness/cleanup.ts";
import { sendMessage, startFakeHub, type FakeHub } from "../harness/fake-hub.ts";
import { rawRequest, rawUpgrade } from "../harness/raw-http.ts";
import { startLocalFrontend, type StartedLocalFrontend } from "../harness/start-local-frontend.ts";

const shared = cleanupAfterFile();
let hub: FakeHub;
let local: StartedLocalFrontend;
let own: { host: string; origin: string; cookie: string };
beforeAll(async () => {
  hub = await startFakeHub(shared);
  hub.respond((_seen, response) => sendMessage(response, GetSystemInfoResponseSchema, {}));
  local = await startLocalFrontend(shared, hub.url);
  own = await local.letIn();
});

const path = "/leapmux.hub.v1.SystemService/GetSystemInfo";
const proto = { "content-type": "application/proto", "connect-protocol-version": "1" };

/** Statuses of a call and of a link; the hub must have seen neither. */
async function tryBoth(headers: Record<string, string>): Promise<void> {
  const before = hub.seen.length;
  const call = await rawRequest(local.port, {
    method: "POST",
    path,
    headers: { ...proto, ...headers },
  });
  expect(call.status).toBeGreaterThanOrEqual(400);
  expect(call.headers["access-control-allow-origin"]).toBeUndefined();
  expect(await rawUpgrade(local.port, "/link", headers)).toBeGreaterThanOrEqual(400);
  expect(hub.seen.length).toBe(before);
}

const enter = (
  secret: string,
  headers: Record<string, string> = { host: local.host, origin: local.origin },
): ReturnType<typeof rawRequest> =>
  rawRequest(local.port, { method: "POST", path: "/enter", headers, body: secret });

test("the browser that was let in may", async () => {
  const answer = await rawRequest(local.port, {
    method: "POST",
    path,
    headers: { ...own, ...proto },
  });
  expect(answer.status).toBe(200);
});

describe("a program of another user", () => {
  test("without the cookie, or with one that is made up", async () => {
    const { host, origin, cookie } = own;
    await tryBoth({ host, origin });
    const [name = ""] = cookie.split("=");
    for (const value of ["", "x", "A".repeat(43), cookie.slice(name.length + 2)]) {
      await tryBoth({ host, origin, cookie: `${name}=${value}` });
    }
    await tryBoth({ host, origin, cookie: cookie.replace(/^leapmux-open-\d+/, "leapmux-open-1") });
  });

  test("sees the package's files, and of the page only that it has to be let in", async () => {
    const { host } = own;
    for (const each of ["/", "/w/wsp_x/t/tab_y"]) {
      const page = await rawRequest(local.port, { path: each, headers: { host } });
      expect(page.body).toContain("This browser was not let in");
      expect(page.body).not.toContain(hub.url);
      expect(page.headers["cache-control"]).toBe("no-store");
    }
  });
});

describe("the secret", () => {
  test("works once; the cookie is out of reach for scripts and for requests of other sites", async () => {
    const secret = local.freshSecret();
    expect(secret).toMatch(/^lmo_[\w-]{43}$/);
    const first = await enter(secret);
    expect(first.status).toBe(204);
    expect(first.headers["set-cookie"]).toEqual([
      expect.stringMatching(
        /^leapmux-open-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
      ) as string,
    ]);
    const second = await enter(secret);
    expect(second.status).toBe(403);
    expect(second.headers["set-cookie"]).toBeUndefined();
    expect(local.refusals.join("\n")).toContain("entry with a secret");
    expect(local.refusals.join("\n")).not.toContain(secret.slice(4, 12));
  });

  test("guesses, floods and the one before are refused, and spend nothing", async () => {
    const old = local.freshSecret();
    const secret = local.freshSecret();
    for (const guess of ["", "lmo_", `lmo_${"A".repeat(43)}`, secret.slice(0, -1), old]) {
      expect((await enter(guess)).status).toBe(403);
    }
    expect((await enter("x".repeat(1024))).status).toBe(403);
    expect((await enter(`${secret}${"x".repeat(1024)}`)).status).toBe(403);
    expect((await enter(secret)).status).toBe(204);
  });

  test("is taken from no page but ours, and from no address", async () => {
    const secret = local.freshSecret();
    const foreign = { host: local.host, origin: "http://evil.example" };
    expect((await enter(secret, foreign)).status).toBe(403);
    expect((await enter(secret, { ...own, origin: "null" })).status).toBe(403);
    const crossSite = { host: local.host, "sec-fetch-site": "cross-site" };
    expect((await enter(secret, crossSite)).status).toBe(403);
    const query = await rawRequest(local.port, {
      path: `/enter?${secret}`,
      headers: { host: local.host },
    });
    expect(query.headers["set-cookie"]).toBeUndefined();
    expect((await enter(secret)).status).toBe(204);
  });

  test("whoever is in already is told so and spends nothing", async () => {
    const answer = await enter("", own);
    expect(answer.status).toBe(204);
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });
});

describe("a website in the same browser, whose requests carry the cookie at worst", () => {
  test.each(["http://evil.example", "https://evil.example", "null", "http://127.0.0.1:1", ""])(
    "origin %j",
    async (origin) => {
      await tryBoth({ ...own, origin });
    },
  );

  test("another program of this machine under another name, port or scheme", async () => {
    const { port, host } = local;
    const origins = [
      `http://localhost:${port}`,
      `http://127.0.0.1:${port}`,
      `https://${host}`,
      "http://lm-test.localhost:1",
      `http://other.localhost:${port}`,
    ];
    for (const origin of origins) await tryBoth({ ...own, origin });
    for (const origin of origins.filter((each) => !each.startsWith("https"))) {
      await tryBoth({ ...own, origin, host: new URL(origin).host });
    }
  });

  test.each(["evil.example", "127.0.0.1", "localhost", "lm-test.localhost", ""])(
    "DNS rebinding to %j",
    async (name) => {
      const host = name === "" ? "" : `${name}:${name === "lm-test.localhost" ? 1 : local.port}`;
      await tryBoth({ ...own, host });
      const page = await rawRequest(local.port, { headers: { host } });
      expect(page.status).toBe(421);
      // The name is part of what keeps others out.
      expect(page.body).not.toContain("lm-test");
    },
  );

  test.each(["cross-site", "same-site"])("a request that the browser calls %s", async (site) => {
    await tryBoth({ ...own, "sec-fetch-site": site });
  });

  test("a link without an Origin", async () => {
    const { host, cookie } = own;
    const before = hub.seen.length;
    expect(await rawUpgrade(local.port, "/link", { host, cookie })).toBe(403);
    expect(hub.seen.length).toBe(before);
  });

  test("may neither frame the page nor run anything in it", async () => {
    for (const headers of [own, { host: own.host }]) {
      const page = await rawRequest(local.port, { headers });
      const policy = String(page.headers["content-security-policy"]);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/script-src[^;]*unsafe/);
      expect(page.headers["cross-origin-resource-policy"]).toBe("same-origin");
    }
  });
});
