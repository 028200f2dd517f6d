import { describe, expect, it } from "vitest";
import type { DeviceDesk } from "./device-desk.ts";
import {
  type DevicePort,
  type FromDeviceThread,
  makeDeviceThread,
  serveDeviceThread,
  type ToDeviceThread,
} from "./device-thread.ts";

/** Both ends in one process; what crosses is cloned, as between real threads. */
function makePorts() {
  const receivers: {
    page?: (message: FromDeviceThread) => void;
    thread?: (message: ToDeviceThread) => void;
  } = {};
  const near: DevicePort<ToDeviceThread, FromDeviceThread> = {
    post: (message) => receivers.thread?.(structuredClone(message)),
    onMessage: (receive) => void (receivers.page = receive),
  };
  const far: DevicePort<FromDeviceThread, ToDeviceThread> = {
    post: (message) => receivers.page?.(structuredClone(message)),
    onMessage: (receive) => void (receivers.thread = receive),
  };
  return { near, far };
}

function setUp() {
  const { near, far } = makePorts();
  const distrusted: string[] = [];
  const seen = { prepared: 0, distrust: (_workerId: string) => {} };
  const thread = makeDeviceThread(near, (workerId) => distrusted.push(workerId));
  const start = () =>
    serveDeviceThread(far, (distrust): DeviceDesk => {
      seen.distrust = distrust;
      return {
        run: async ({ operation }) => ({ ok: true, value: { operation } }),
        async prepareClaim(userId, maxMessageBytes) {
          seen.prepared += 1;
          return async (binding) => ({ userId, signature: binding, grants: [], maxMessageBytes });
        },
        async refreshGrants() {
          throw new Error("not for the other thread");
        },
      };
    });
  return { thread, start, distrusted, seen };
}

describe("the desk in its own thread", () => {
  it("is there once its thread runs, and answers each call with its own answer", async () => {
    const { thread, start } = setUp();
    start();
    const desk = await thread.desk;
    const [first, second] = await Promise.all([
      desk.run({ operation: "identify", input: {} }),
      desk.run({ operation: "startPairing", input: {} }),
    ]);
    expect(first).toEqual({ ok: true, value: { operation: "identify" } });
    expect(second).toEqual({ ok: true, value: { operation: "startPairing" } });
  });

  it("signs each claim over the binding that it is given, prepared once", async () => {
    const { thread, start, seen } = setUp();
    start();
    const desk = await thread.desk;
    const one = await desk.prepareClaim("usr_1", 1024);
    const other = await desk.prepareClaim("usr_1", 1024);
    expect(seen.prepared).toBe(2);
    expect(await other(Uint8Array.of(2))).toMatchObject({ signature: Uint8Array.of(2) });
    expect(await one(Uint8Array.of(1))).toMatchObject({ signature: Uint8Array.of(1) });
    expect(seen.prepared).toBe(2);
  });

  it("keeps no more than the newest of the claims that nobody makes, and makes the others anew", async () => {
    const { thread, start, seen } = setUp();
    start();
    const desk = await thread.desk;
    const first = await desk.prepareClaim("usr_1", 1024);
    for (let i = 0; i < 64; i++) await desk.prepareClaim("usr_1", 1024);
    expect(seen.prepared).toBe(65);
    expect(await first(Uint8Array.of(7))).toMatchObject({ signature: Uint8Array.of(7) });
    expect(seen.prepared).toBe(66);
  });

  it("tells of a worker whose pairing failed", async () => {
    const { thread, start, seen, distrusted } = setUp();
    start();
    await thread.desk;
    seen.distrust("wrk_1");
    expect(distrusted).toEqual(["wrk_1"]);
  });

  it("rejects what failed without what was said there", async () => {
    const { thread, start } = setUp();
    start();
    await expect((await thread.desk).refreshGrants()).rejects.toThrow("could not be used");
  });

  it("rejects what waits where the thread does not run", async () => {
    const { thread } = setUp();
    thread.fail();
    await expect(thread.desk).rejects.toThrow("does not run");

    const later = setUp();
    later.start();
    const desk = await later.thread.desk;
    const asked = desk.prepareClaim("usr_1", 1024);
    later.thread.fail();
    await expect(asked).rejects.toThrow("does not run");
  });
});
