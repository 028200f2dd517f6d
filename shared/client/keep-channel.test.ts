import type { CloseReason } from "../errors/close-reason.ts";
import { makeManualClock } from "../platform/manual-clock.ts";
import { describe, expect, it } from "vitest";
import { type HeldChannel, keepChannel } from "./keep-channel.ts";
import type { WorkerConnectionState } from "./link-state.ts";
import type { ChannelRefusal } from "./open-channel.ts";

type Result = ({ readonly ok: true } & HeldChannel) | ChannelRefusal;

/** 1 s, 2 s, 4 s … without the spread: the middle of the range. */
const random = () => Uint8Array.of(0x7f, 0xff);
const settle = async () => {
  for (let i = 0; i < 5; i++) await Promise.resolve();
};

function setUp() {
  const clock = makeManualClock();
  const states: WorkerConnectionState[] = [];
  const attempts: { linkId: string; signal: AbortSignal; resolve(result: Result): void }[] = [];
  const kept = keepChannel({
    clock,
    nowMs: clock.now,
    random,
    open: (linkId, signal) => new Promise((resolve) => attempts.push({ linkId, signal, resolve })),
    onState: (state) => states.push(state),
  });
  const last = () => attempts[attempts.length - 1]!;

  async function succeed() {
    const listeners: ((reason: CloseReason) => void)[] = [];
    const closedWith: CloseReason[] = [];
    const close = (reason: CloseReason) => {
      closedWith.push(reason);
      for (const tell of listeners) tell(reason);
    };
    last().resolve({
      ok: true,
      state: { kind: "open", trust: "pinned" },
      onClose: (tell) => void listeners.push(tell),
      close,
    });
    await settle();
    return { close, closedWith };
  }
  async function refuse(reason: ChannelRefusal["reason"], retryAfterMs = 0) {
    last().resolve({ ok: false, reason, retryAfterMs });
    await settle();
  }
  return { clock, states, attempts, kept, succeed, refuse, state: () => states.at(-1) };
}

describe("keepChannel", () => {
  it("does nothing until somebody wants it, and waits for a link", async () => {
    const it = setUp();
    it.kept.linkUp("l1");
    expect(it.attempts).toHaveLength(0);
    it.kept.linkDown();
    it.kept.want();
    expect(it.state()).toEqual({ kind: "opening" });
    expect(it.attempts).toHaveLength(0);
    it.kept.linkUp("l2");
    expect(it.attempts).toMatchObject([{ linkId: "l2" }]);
    await it.succeed();
    expect(it.state()).toEqual({ kind: "open", trust: "pinned" });
  });

  it("closed it ends what is open or opening, and tries no more", async () => {
    const opening = setUp();
    opening.kept.linkUp("l1");
    opening.kept.want();
    opening.kept.close();
    expect(opening.attempts[0]!.signal.aborted).toBe(true);
    const open = setUp();
    open.kept.linkUp("l1");
    open.kept.want();
    const channel = await open.succeed();
    open.kept.close();
    expect(channel.closedWith).toEqual(["closed"]);
    for (const it of [opening, open]) {
      const said = it.states.length;
      it.kept.linkDown();
      it.kept.linkUp("l2");
      it.kept.retry();
      it.clock.advance(3_600_000);
      expect(it.attempts).toHaveLength(1);
      expect(it.states).toHaveLength(said);
    }
  });

  it("tries again later and later", async () => {
    const it = setUp();
    it.kept.linkUp("l1");
    it.kept.want();
    await it.refuse("worker_offline");
    expect(it.state()).toEqual({ kind: "waiting", retryAtMs: 1000, reason: "worker_offline" });
    it.clock.advance(999);
    expect(it.attempts).toHaveLength(1);
    it.clock.advance(1);
    expect(it.attempts).toHaveLength(2);
    await it.refuse("worker_offline");
    expect(it.state()).toMatchObject({ kind: "waiting", retryAtMs: 3000 });
  });

  it("waits as long as the hub asks", async () => {
    const it = setUp();
    it.kept.linkUp("l1");
    it.kept.want();
    await it.refuse("rate_limited", 30_000);
    const waiting = it.state();
    expect(waiting?.kind === "waiting" && waiting.retryAtMs).toBeGreaterThanOrEqual(30_000);
  });

  it("opens a fresh channel when it is lost, and at once when the link is back", async () => {
    const it = setUp();
    it.kept.linkUp("l1");
    it.kept.want();
    const { close } = await it.succeed();
    close("slow_consumer");
    expect(it.state()).toMatchObject({ kind: "waiting", reason: "slow_consumer" });
    it.clock.advance(1000);
    expect(it.attempts).toHaveLength(2);
    const second = await it.succeed();
    it.kept.linkDown();
    expect(second.closedWith).toEqual(["link_lost"]);
    expect(it.state()).toMatchObject({ kind: "waiting", reason: "link_lost" });
    it.clock.advance(500_000);
    expect(it.attempts).toHaveLength(2);
    it.kept.linkUp("l2");
    expect(it.attempts).toHaveLength(3);
    expect(it.state()).toEqual({ kind: "opening" });
  });

  it("drops what a lost link still brings", async () => {
    const it = setUp();
    it.kept.linkUp("l1");
    it.kept.want();
    const first = it.attempts[0]!;
    it.kept.linkDown();
    expect(first.signal.aborted).toBe(true);
    it.kept.linkUp("l2");
    expect(it.attempts).toHaveLength(2);
    const closed: CloseReason[] = [];
    first.resolve({
      ok: true,
      state: { kind: "open", trust: "pinned" },
      onClose: () => {},
      close: (reason) => closed.push(reason),
    });
    await settle();
    expect(closed).toEqual(["link_lost"]);
    expect(it.state()).toEqual({ kind: "opening" });
  });

  it("stays refused across links until a person asks", async () => {
    const it = setUp();
    it.kept.linkUp("l1");
    it.kept.want();
    await it.refuse("key_changed");
    expect(it.state()).toEqual({ kind: "refused", reason: "key_changed" });
    it.kept.linkDown();
    it.kept.linkUp("l2");
    it.kept.wake();
    it.kept.nudge();
    it.clock.advance(500_000);
    expect(it.attempts).toHaveLength(1);
    it.kept.retry();
    expect(it.attempts).toHaveLength(2);
  });

  it("believes the hub's nudges once a second", async () => {
    const it = setUp();
    it.kept.linkUp("l1");
    it.kept.want();
    await it.refuse("worker_offline");
    for (let i = 0; i < 100; i++) {
      it.kept.nudge();
      await it.refuse("worker_offline");
    }
    expect(it.attempts).toHaveLength(2);
    it.clock.advance(1000);
    it.kept.nudge();
    expect(it.attempts).toHaveLength(3);
  });

  it("tries a worker that refused the device again when its grants change, and only then", async () => {
    const it = setUp();
    it.kept.linkUp("l1");
    it.kept.want();
    await it.refuse("device_not_trusted");
    expect(it.state()).toEqual({ kind: "refused", reason: "device_not_trusted" });
    it.kept.wake();
    it.kept.nudge();
    it.clock.advance(500_000);
    expect(it.attempts).toHaveLength(1);
    it.kept.grantsChanged();
    expect(it.attempts).toHaveLength(2);
    await it.succeed();
    expect(it.state()).toMatchObject({ kind: "open" });
  });

  it("ends what is open or opening to a worker whose pairing failed", async () => {
    const it = setUp();
    it.kept.linkUp("l1");
    it.kept.want();
    const { closedWith } = await it.succeed();
    it.kept.distrust();
    expect(closedWith).toEqual(["key_changed"]);
    expect(it.state()).toEqual({ kind: "refused", reason: "key_changed" });
    it.clock.advance(500_000);
    expect(it.attempts).toHaveLength(1);
  });

  it("asks once more when an open channel ends for a revocation, and believes the answer", async () => {
    const it = setUp();
    it.kept.linkUp("l1");
    it.kept.want();
    const { close } = await it.succeed();
    close("credential_revoked");
    expect(it.state()).toMatchObject({ kind: "waiting", reason: "credential_revoked" });
    it.clock.advance(1000);
    expect(it.attempts).toHaveLength(2);
    await it.refuse("device_not_trusted");
    it.clock.advance(500_000);
    expect(it.attempts).toHaveLength(2);
    expect(it.state()).toEqual({ kind: "refused", reason: "device_not_trusted" });
  });

  it("tries with changed grants once a second, and forgets no change", async () => {
    const it = setUp();
    it.kept.linkUp("l1");
    it.kept.want();
    await it.refuse("device_not_trusted");
    for (let i = 0; i < 100; i++) {
      it.kept.grantsChanged();
      await it.refuse("device_not_trusted");
    }
    expect(it.attempts).toHaveLength(2);
    it.clock.advance(1000);
    expect(it.attempts).toHaveLength(3);
    // While one is under way.
    it.kept.grantsChanged();
    await it.refuse("device_not_trusted");
    it.clock.advance(1000);
    expect(it.attempts).toHaveLength(4);
    await it.refuse("device_not_trusted");
    it.clock.advance(500_000);
    expect(it.attempts).toHaveLength(4);
  });

  it("takes no change of grants for an answer about a changed key", async () => {
    const it = setUp();
    it.kept.linkUp("l1");
    it.kept.want();
    await it.refuse("key_changed");
    it.kept.grantsChanged();
    it.clock.advance(5000);
    expect(it.attempts).toHaveLength(1);
  });
});
