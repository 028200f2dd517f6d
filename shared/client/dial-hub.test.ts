import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type ClientLinkUp,
  ClientLinkDownSchema,
  ClientLinkUpSchema,
  LoginEndReason,
} from "@leapmux/proto/hub/v1/client_link_pb.ts";
import type { Frame } from "../envelope/frame.ts";
import { makeManualClock } from "../platform/manual-clock.ts";
import { describe, expect, it } from "vitest";
import { dialHub } from "./dial-hub.ts";
import type { LinkState } from "./link-state.ts";

type Down = NonNullable<MessageInitShape<typeof ClientLinkDownSchema>["body"]>;

/** A WebSocket whose other end is the test. */
class FakeSocket {
  binaryType = "";
  bufferedAmount = 0;
  closed = false;
  readonly sent: ClientLinkUp["body"][] = [];
  private readonly onMessage: ((event: { data: unknown }) => void)[] = [];
  private readonly onClose: ((event: { code: number }) => void)[] = [];

  send(bytes: Uint8Array) {
    this.sent.push(fromBinary(ClientLinkUpSchema, bytes).body);
  }
  close() {
    this.closed = true;
  }
  addEventListener(
    type: "message" | "close",
    run: (event: { data: unknown; code: number }) => void,
  ) {
    if (type === "message") this.onMessage.push(run as (event: { data: unknown }) => void);
    else this.onClose.push(run as (event: { code: number }) => void);
  }
  deliver(data: unknown) {
    for (const run of this.onMessage) run({ data });
  }
  say(body: Down) {
    const message = create(ClientLinkDownSchema, { body });
    this.deliver(toBinary(ClientLinkDownSchema, message).slice().buffer);
  }
  drop(code = 1006) {
    for (const run of this.onClose) run({ code });
  }
}

function setUp() {
  const clock = makeManualClock();
  const sockets: FakeSocket[] = [];
  const states: LinkState[] = [];
  const events: string[] = [];
  const frames: Frame[] = [];
  const link = dialHub({
    clock,
    nowMs: clock.now,
    random: () => Uint8Array.of(0x7f, 0xff),
    makeSocket() {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    onState: (state) => states.push(state),
    onUp: (linkId) => events.push(`up ${linkId}`),
    onDown: () => events.push("down"),
    onFrames: (batch) => frames.push(...batch),
    onChanged: () => events.push("changed"),
  });
  const last = () => sockets[sockets.length - 1]!;
  const hello = () => last().say({ case: "hello", value: { linkId: `l${sockets.length}` } });
  return { clock, sockets, states, events, frames, link, last, hello, state: () => states.at(-1) };
}

const frame = { channelId: "c", correlationId: 7n, flags: 0, ciphertext: new Uint8Array(20) };

describe("dialHub", () => {
  it("is online with the hub's hello and sends frames of one task together", async () => {
    const it = setUp();
    it.hello();
    expect(it.states.map(({ kind }) => kind)).toEqual(["connecting", "online"]);
    expect(it.events).toEqual(["up l1"]);
    it.link.sendFrame(frame);
    it.link.sendFrame({ ...frame, correlationId: 8n });
    await Promise.resolve();
    expect(it.last().sent).toMatchObject([
      { case: "frames", value: { frames: [{ correlationId: 7n }, { correlationId: 8n }] } },
    ]);
  });

  it("sends nothing on a link that is not there", async () => {
    const it = setUp();
    it.link.sendFrame(frame);
    await Promise.resolve();
    expect(it.last().sent).toEqual([]);
  });

  it("dials again, ever later, and from the start after a link that stood", () => {
    const it = setUp();
    it.last().drop();
    expect(it.state()).toEqual({ kind: "waiting", retryAtMs: 1000 });
    it.clock.advance(1000);
    it.last().drop();
    expect(it.state()).toEqual({ kind: "waiting", retryAtMs: 3000 });
    it.clock.advance(2000);
    it.hello();
    it.clock.advance(14_000);
    it.last().say({ case: "pong", value: { nonce: 0n } });
    for (let i = 1; i < 4; i++) {
      it.clock.advance(15_000);
      it.last().say({ case: "pong", value: { nonce: BigInt(i) } });
    }
    it.last().drop();
    expect(it.events).toEqual(["up l3", "down"]);
    expect(it.state()).toEqual({ kind: "waiting", retryAtMs: it.clock.now() + 1000 });
  });

  it("closed it hangs up and never dials again, online or between two tries", () => {
    const online = setUp();
    online.hello();
    online.link.close();
    expect(online.last().closed).toBe(true);
    expect(online.events).toEqual(["up l1", "down"]);
    const waiting = setUp();
    waiting.last().drop();
    waiting.link.close();
    for (const it of [online, waiting]) {
      const said = it.states.length;
      it.link.wake();
      it.clock.advance(3_600_000);
      expect(it.sockets).toHaveLength(1);
      expect(it.states).toHaveLength(said);
    }
  });

  it("gives up a hub that does not say hello, or something else first", () => {
    const it = setUp();
    it.clock.advance(10_000);
    expect(it.sockets[0]!.closed).toBe(true);
    expect(it.state()?.kind).toBe("waiting");
    it.clock.advance(1000);
    it.last().say({ case: "pong", value: { nonce: 1n } });
    expect(it.sockets[1]!.closed).toBe(true);
    expect(it.events).toEqual([]);
  });

  it("asks each 15 s whether the hub is there and does not wait long for the answer", () => {
    const it = setUp();
    it.hello();
    it.clock.advance(15_000);
    expect(it.last().sent).toMatchObject([{ case: "ping", value: { nonce: 1n } }]);
    it.last().say({ case: "pong", value: { nonce: 9n } });
    it.clock.advance(10_000);
    expect(it.last().closed).toBe(true);
    expect(it.events).toEqual(["up l1", "down"]);
  });

  it("ends the link at the first message that it cannot read", () => {
    const it = setUp();
    it.hello();
    it.last().deliver(Uint8Array.of(1, 2, 3).buffer);
    expect(it.last().closed).toBe(true);
    it.last().say({ case: "frames", value: { frames: [frame] } });
    expect(it.frames).toEqual([]);
  });

  it("stays away as long as a hub that stops asks for", () => {
    const it = setUp();
    it.hello();
    it.last().say({ case: "goingAway", value: { retryAfterMs: 20_000 } });
    it.last().drop();
    const state = it.state();
    expect(state?.kind === "waiting" && state.retryAtMs).toBeGreaterThanOrEqual(20_000);
  });

  it("dials at once when woken, and asks an open link whether it lives", () => {
    const it = setUp();
    it.last().drop();
    it.link.wake();
    expect(it.sockets).toHaveLength(2);
    it.hello();
    it.link.wake();
    expect(it.last().sent).toMatchObject([{ case: "ping" }]);
    it.clock.advance(10_000);
    expect(it.last().closed).toBe(true);
  });

  it("says why a login ended and never dials again, also when woken", () => {
    const it = setUp();
    it.hello();
    const reason = LoginEndReason.PASSWORD_CHANGED;
    it.last().say({ case: "loginEnded", value: { reason } });
    expect(it.state()).toEqual({ kind: "ended", reason: "password_changed" });
    expect(it.last().closed).toBe(true);
    expect(it.events).toEqual(["up l1", "down"]);
    it.last().drop(4001);
    it.link.wake();
    it.clock.advance(3_600_000);
    expect(it.sockets).toHaveLength(1);
    expect(it.state()).toEqual({ kind: "ended", reason: "password_changed" });
  });

  it("takes the code of the close where the reason did not arrive, before and after the hello", () => {
    for (const isOnline of [true, false]) {
      const it = setUp();
      if (isOnline) it.hello();
      it.last().drop(4001);
      expect(it.state()).toEqual({ kind: "ended", reason: "unknown" });
      it.clock.advance(3_600_000);
      expect(it.sockets).toHaveLength(1);
    }
  });

  it("knows every reason of today, and takes one of tomorrow for an end all the same", () => {
    for (const reason of [...Object.values(LoginEndReason), 99 as LoginEndReason]) {
      const it = setUp();
      it.hello();
      it.last().say({ case: "loginEnded", value: { reason } });
      const isKnown = reason > LoginEndReason.UNSPECIFIED && reason < 99;
      const state = it.state();
      expect(state?.kind).toBe("ended");
      expect(state?.kind === "ended" && state.reason !== "unknown").toBe(isKnown);
    }
  });

  it("dials again after every other code", () => {
    for (const code of [1000, 1006, 1013, 4000, 4002]) {
      const it = setUp();
      it.hello();
      it.last().drop(code);
      expect(it.state()?.kind).toBe("waiting");
    }
  });

  it("ends a link that takes nothing any more", async () => {
    const it = setUp();
    it.hello();
    it.last().bufferedAmount = 65 * 1024 * 1024;
    it.link.sendFrame(frame);
    await Promise.resolve();
    expect(it.last().closed).toBe(true);
    expect(it.events).toEqual(["up l1", "down"]);
  });
});
