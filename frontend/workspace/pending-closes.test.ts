import type { Client } from "@connectrpc/connect";
import type { TerminalService } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { WorkerConnections } from "../link/worker-connections.ts";
import { makePendingCloses } from "./pending-closes.ts";

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});
afterEach(() => vi.unstubAllGlobals());

function setUp(): {
  told: string[];
  closed: string[];
  connections: WorkerConnections;
  away: Set<string>;
} {
  const told: string[] = [];
  const away = new Set<string>();
  const client = (workerId: string) =>
    ({
      async closeTerminal({ terminalId }: { terminalId: string }) {
        if (away.has(workerId)) throw new Error("away");
        told.push(`${workerId} ${terminalId}`);
        return {};
      },
    }) as unknown as Client<typeof TerminalService>;
  const connections = {
    of: (workerId: string) => ({ client: () => client(workerId) }),
  } as unknown as WorkerConnections;
  return { told, closed: [], connections, away };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

describe("makePendingCloses", () => {
  it("tells a worker that is there at once, and only once", async () => {
    const { told, closed, connections } = setUp();
    const closes = makePendingCloses(connections, (id) => closed.push(id));
    closes.close("wkr_1", "tab_1");
    await settled();
    closes.flush("wkr_1");
    await settled();
    expect(told).toEqual(["wkr_1 tab_1"]);
    expect(closed).toEqual(["tab_1"]);
  });

  it("a worker that was away is told later, by another page too, and no other worker", async () => {
    const { told, closed, connections, away } = setUp();
    away.add("wkr_1");
    makePendingCloses(connections, (id) => closed.push(id)).close("wkr_1", "tab_1");
    await settled();
    expect(told).toEqual([]);
    away.clear();
    const later = makePendingCloses(connections, (id) => closed.push(id));
    later.flush("wkr_2");
    await settled();
    expect(told).toEqual([]);
    later.flush("wkr_1");
    await settled();
    expect(told).toEqual(["wkr_1 tab_1"]);
  });

  it("survives what others wrote into its storage", async () => {
    const { told, connections } = setUp();
    localStorage.setItem("leapmux:pending-closes", '[["wkr_1"],7,["wkr_1","tab_1"]]');
    makePendingCloses(connections, () => {}).flush("wkr_1");
    await settled();
    expect(told).toEqual(["wkr_1 tab_1"]);
  });
});
