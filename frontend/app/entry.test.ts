import { create, toBinary } from "@bufbuild/protobuf";
import { AccountSchema } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { GetSystemInfoResponseSchema, HubKind } from "@leapmux/proto/hub/v1/system_pb.ts";
import { createRoot } from "solid-js";
import { afterEach, expect, it, vi } from "vitest";
import { createEntry } from "./entry.ts";

afterEach(() => vi.unstubAllGlobals());

const place = "/w/wsp_1/t/tab_1";

/** A browser of which the page has an address, a memory and a hub. */
function setUp(options: { pathname?: string; wasHere?: boolean } = {}) {
  const memory = new Map(options.wasHere ? [["leapmux:login", "yes"]] : []);
  const address = {
    origin: "http://hub.test",
    pathname: options.pathname ?? place,
    hash: "",
    replace: vi.fn(),
    reload: vi.fn(),
  };
  const hub = { username: undefined as string | undefined, calls: 0, isAway: false };
  vi.stubGlobal("location", address);
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("history", {
    replaceState: (_data: unknown, _title: string, path: string) => (address.pathname = path),
  });
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => memory.get(key) ?? null,
    setItem: (key: string, value: string) => memory.set(key, value),
    removeItem: (key: string) => memory.delete(key),
  });
  vi.stubGlobal("fetch", () => {
    hub.calls += 1;
    if (hub.isAway) return Promise.reject(new TypeError("fetch failed"));
    const { username } = hub;
    const account = username && create(AccountSchema, { userId: `usr_${username}`, username });
    const info = create(GetSystemInfoResponseSchema, {
      kind: HubKind.HUB,
      ...(account ? { account, userId: account.userId } : {}),
    });
    const body = toBinary(GetSystemInfoResponseSchema, info);
    return Promise.resolve(
      new Response(body.slice(), { headers: { "content-type": "application/proto" } }),
    );
  });
  const entry = createRoot(() => createEntry());
  return { entry, hub, memory, address };
}

it("waits for the hub's word where there was no login, and shows the log-in in place", async () => {
  const { entry, address } = setUp();
  expect(entry.page()).toBe("waiting");
  await entry.ask();
  expect(entry.page()).toBe("log-in");
  expect(address.pathname).toBe(place);
});

it("starts the app at once where there was a login, and takes it back without a word of an end", async () => {
  const { entry, memory } = setUp({ wasHere: true });
  expect(entry.page()).toBe("app");
  entry.end("unknown");
  await entry.ask();
  expect(entry.page()).toBe("log-in");
  expect(memory.has("leapmux:login")).toBe(false);
});

it("asks once for several who want to know", async () => {
  const { entry, hub } = setUp();
  await Promise.all([entry.ask(), entry.ask(), entry.ask()]);
  expect(hub.calls).toBe(1);
});

it("goes on at the same address after a log-in, and home where that was only for getting in", async () => {
  const { entry, hub, address } = setUp();
  await entry.ask();
  hub.username = "ada";
  await entry.arrive();
  expect(entry.page()).toBe("app");
  expect(address.pathname).toBe(place);

  const second = setUp({ pathname: "/invite" });
  second.hub.username = "ada";
  await second.entry.ask();
  expect(second.entry.page()).toBe("invitation");
  await second.entry.arrive("home");
  expect(second.entry.page()).toBe("app");
  expect(second.address.pathname).toBe("/");
});

it("keeps the first reason of an end, and leads back to the log-in at the same address", async () => {
  const { entry, hub, address } = setUp();
  hub.username = "ada";
  await entry.ask();
  entry.end("expired");
  entry.end("unknown");
  expect(entry.page()).toBe("ended");
  expect(entry.ended()).toBe("expired");
  hub.username = undefined;
  await entry.comeBack();
  expect(entry.page()).toBe("log-in");
  expect(address.pathname).toBe(place);
});

it("notices by itself that the login is gone", async () => {
  const { entry, hub } = setUp();
  hub.username = "ada";
  await entry.ask();
  hub.username = undefined;
  await entry.ask();
  expect(entry.page()).toBe("ended");
  expect(entry.ended()).toBe("unknown");
});

it("does not take a log-out on purpose for an end", async () => {
  const { entry, hub, address } = setUp();
  hub.username = "ada";
  await entry.ask();
  await entry.leave(async () => {
    hub.username = undefined;
    entry.end("logged_out");
  }, "You are logged out.");
  expect(entry.page()).toBe("log-in");
  expect(entry.note()).toBe("You are logged out.");
  expect(address.pathname).toBe("/");
});

it("stays when the log-out failed", async () => {
  const { entry, hub } = setUp();
  hub.username = "ada";
  await entry.ask();
  await expect(entry.leave(() => Promise.reject(new Error("away")), "")).rejects.toThrow("away");
  expect(entry.page()).toBe("app");
  entry.end("expired");
  expect(entry.page()).toBe("ended");
});

it("leaves nothing of one person to the next", async () => {
  const { entry, hub, address } = setUp();
  hub.username = "ada";
  await entry.ask();
  hub.username = "grace";
  await entry.ask();
  expect(address.replace).toHaveBeenCalledWith("/");
  expect(entry.account()?.username).toBe("ada");
});

it("says that the hub is away, and goes on when it is back", async () => {
  const { entry, hub } = setUp();
  hub.isAway = true;
  await expect(entry.ask()).rejects.toThrow();
  expect(entry.page()).toBe("unreachable");
  hub.isAway = false;
  await entry.ask();
  expect(entry.page()).toBe("log-in");
});
