import { createRoot, createSignal } from "solid-js";
import { createStore } from "solid-js/store";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { LinkState } from "@leapmux/shared/client/link-state.ts";
import type { AppContext } from "./context.ts";
import { followPlace } from "./follow-place.ts";

/** A hub that fails as told, and the page's lists of what it answered. */
function startPage() {
  const [link, setLink] = createSignal<LinkState>({ kind: "connecting" });
  const [isLoaded, setLoaded] = createSignal(false);
  const [tabs, setTabs] = createStore<Record<string, { id: string; workerId: string }[]>>({});
  const failing = { load: false, tabs: false };
  const asked = { load: 0, tabs: 0 };
  const app = {
    hub: { link },
    workers: { loaded: isLoaded, all: [] },
    workspaces: {
      loaded: isLoaded,
      all: [],
      find: (id: string) => (id === "w" ? { id } : undefined),
    },
    system: () => (isLoaded() ? {} : undefined),
    place: () => ({ workspaceId: "w" }),
    go: () => undefined,
    tabs: {
      of: (id: string) => tabs[id],
      async load(id: string) {
        asked.tabs += 1;
        if (failing.tabs) throw new Error("no answer");
        setTabs(id, []);
      },
    },
    async load() {
      asked.load += 1;
      if (failing.load) throw new Error("no answer");
      setLoaded(true);
    },
  } as unknown as AppContext;
  const turn = () => vi.advanceTimersByTimeAsync(0);
  return {
    failing,
    asked,
    setLink: async (kind: "online" | "connecting") => (setLink({ kind }), await turn()),
    hasTabs: () => tabs["w"] !== undefined,
    async follow() {
      const dispose = createRoot((end) => (followPlace(app), end));
      await turn();
      return dispose;
    },
  };
}

describe("followPlace", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("what did not come at the start is asked for when the link is there", async () => {
    const page = startPage();
    page.failing.load = true;
    const dispose = await page.follow();
    page.failing.load = false;
    await page.setLink("online");
    expect(page.hasTabs()).toBe(true);
    dispose();
  });

  test("a failure under an open link is tried again until it comes, then no more", async () => {
    const page = startPage();
    page.failing.tabs = true;
    const dispose = await page.follow();
    await page.setLink("online");
    expect(page.hasTabs()).toBe(false);
    page.failing.tabs = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(page.hasTabs()).toBe(true);
    const before = { ...page.asked };
    await vi.advanceTimersByTimeAsync(60_000);
    expect(page.asked).toEqual(before);
    dispose();
  });

  test("without a link nothing is asked again", async () => {
    const page = startPage();
    page.failing.load = true;
    const dispose = await page.follow();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(page.asked.load).toBe(1);
    dispose();
  });
});
