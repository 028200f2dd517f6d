import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import { ClientLinkDownSchema, ClientLinkUpSchema } from "@leapmux/proto/hub/v1/client_link_pb.ts";
import { FrameSchema } from "@leapmux/proto/hub/v1/frame_pb.ts";
import { HubKind } from "@leapmux/proto/hub/v1/system_pb.ts";
import { WorkerInfoService } from "@leapmux/proto/sealed/v1/worker_info_pb.ts";
import { unusedPair, unusedSigner } from "@leapmux/shared/endpoint/test-channel.ts";
import { makeTestRandom } from "@leapmux/shared/noise/test-random.ts";
import { acceptInitiator, type Responder } from "@leapmux/shared/endpoint/responder.ts";
import { acceptPin, makeMemoryPinStorage } from "@leapmux/shared/identity/pin-store.ts";
import { noblePrimitives } from "@leapmux/shared/noise/noble-primitives.ts";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { serveCalls } from "@leapmux/shared/wire/serve-calls.ts";
import { afterAll, describe, expect, it } from "vitest";
import { makeDeviceClient } from "../trust/device-client.ts";
import type { DeviceDesk } from "../trust/device-desk.ts";
import { joinKeyQuestionHosts, useKeyQuestion } from "../trust/key-questions.ts";
import type { CallHub, HubAnswer } from "@leapmux/shared/client/hub-answer.ts";
import { runCryptoThread } from "./crypto-context.ts";
import type { LinkSocket } from "@leapmux/shared/client/dial-hub.ts";
import type { HubClient } from "./hub-client.ts";
import { makeCryptoThread } from "./spawn-crypto-thread.ts";
import type { FromCryptoThread, ToCryptoThread } from "./thread-protocol.ts";
import { createWorkerConnections } from "./worker-connections.ts";

// Page, crypto thread and a worker's end of the channel in one process; the hub between them is the test.
declare function setImmediate(run: () => void): void;
const settle = async () => {
  for (let i = 0; i < 20; i++) await new Promise<void>((resolve) => setImmediate(resolve));
};

/** What crosses is cloned and its buffers are taken away, as between real threads. */
function makePortPair() {
  const receivers: { page?: (m: FromCryptoThread) => void; thread?: (m: ToCryptoThread) => void } =
    {};
  const cross = <T>(
    message: T,
    transfer: Transferable[],
    to: () => ((m: T) => void) | undefined,
  ) => {
    const copy = structuredClone(message, { transfer });
    setImmediate(() => to()?.(copy));
  };
  return {
    page: {
      post: (message: ToCryptoThread, transfer: Transferable[] = []) =>
        cross(message, transfer, () => receivers.thread),
      onMessage: (receive: (message: FromCryptoThread) => void) => void (receivers.page = receive),
    },
    thread: {
      post: (message: FromCryptoThread, transfer: Transferable[] = []) =>
        cross(message, transfer, () => receivers.page),
      onMessage: (receive: (message: ToCryptoThread) => void) => void (receivers.thread = receive),
    },
  };
}

const refusal = {
  ok: false,
  code: "unavailable",
  message: "",
  reason: "",
  retryAfterMs: 0,
} as const;

function setUp() {
  const clock = makeManualClock();
  const random = makeTestRandom(5);
  const x25519PrivateKey = random(32);
  const workerKey = new Uint8Array(1664);
  workerKey.set(noblePrimitives.x25519PublicKey(x25519PrivateKey));
  const storage = makeMemoryPinStorage();
  const hub = {
    workerKey,
    kind: HubKind.SOLO as HubKind,
    online: true,
    hasFingerprints: true,
    /** Workers that ask for devices refuse this one. */
    isStranger: false,
    openings: 0,
    sockets: [] as { say(body: unknown): void; drop(): void }[],
    responder: undefined as Responder | undefined,
  };

  function makeSocket(): LinkSocket {
    const onMessage: ((event: { data: unknown }) => void)[] = [];
    const onClose: ((event: { code: number }) => void)[] = [];
    const say = (body: unknown) => {
      const init = { body } as MessageInitShape<typeof ClientLinkDownSchema>;
      const data = toBinary(ClientLinkDownSchema, create(ClientLinkDownSchema, init)).slice()
        .buffer;
      setImmediate(() => onMessage.forEach((run) => run({ data })));
    };
    hub.sockets.push({ say, drop: () => onClose.forEach((run) => run({ code: 1006 })) });
    say({ case: "hello", value: { linkId: `l${hub.sockets.length}` } });
    return {
      binaryType: "",
      bufferedAmount: 0,
      close: () => {},
      send(bytes) {
        const { body } = fromBinary(ClientLinkUpSchema, bytes);
        if (body.case !== "frames") return;
        for (const frame of body.value.frames) hub.responder?.acceptFrame(frame);
      },
      addEventListener: (type: string, run: never) =>
        void (type === "message" ? onMessage.push(run) : onClose.push(run)),
    };
  }

  const callHub = (async (method: { name: string }, request: Record<string, unknown>) => {
    const ok = (response: unknown): HubAnswer<unknown> => ({ ok: true, response });
    if (method.name === "GetSystemInfo") return ok({ userId: "usr_1", kind: hub.kind });
    if (!hub.online) return { ...refusal, reason: "worker_offline" };
    if (method.name === "GetWorkerHandshakeParams") {
      return ok({
        compositePublicKey: hub.workerKey,
        encryptionMode: EncryptionMode.CLASSIC,
        maxMessageBytes: 1024 * 1024,
      });
    }
    hub.openings += 1;
    if (hub.isStranger) return { ...refusal, reason: "device_not_trusted" };
    const accepted = await acceptInitiator({
      primitives: noblePrimitives,
      random,
      clock,
      signer: unusedSigner,
      identity: {
        x25519PrivateKey,
        compositePublicKey: hub.workerKey,
        mlKemPair: unusedPair,
      } as never,
      mode: "classic",
      workerId: "w1",
      channelId: request["channelId"] as string,
      userId: "usr_1",
      message1: request["message1"] as Uint8Array,
      maxMessageBytes: 1024 * 1024,
      clientAuth: "hub",
      sendFrame: (frame) =>
        hub.sockets
          .at(-1)!
          .say({ case: "frames", value: { frames: [create(FrameSchema, frame)] } }),
    });
    if (!accepted.ok) return { ...refusal, reason: accepted.reason };
    hub.responder = accepted.responder;
    serveCalls(accepted.responder.pipe, {
      clock,
      routes: (router) =>
        router.service(WorkerInfoService, { getWorkerInfo: () => ({ hostName: "build-1" }) }),
    });
    return ok({ message2: accepted.message2 });
  }) as unknown as CallHub;

  const desk = { loads: 0, bindings: [] as Uint8Array[], grantsAreNew: false };
  const loadDeviceDesk = async () => {
    desk.loads += 1;
    const made: DeviceDesk = {
      run: async ({ operation }) =>
        operation === "identify"
          ? { ok: true, value: { deviceId: "dev_1" } }
          : { ok: false, trouble: "key_damaged" },
      prepareClaim: async (userId) => async (binding) => {
        desk.bindings.push(binding);
        return { userId };
      },
      refreshGrants: async () => desk.grantsAreNew,
    };
    return made;
  };

  const ports = makePortPair();
  const thread = makeCryptoThread(ports.page, () => {});
  runCryptoThread({
    port: ports.thread,
    clock,
    nowMs: clock.now,
    random,
    primitives: noblePrimitives,
    storage,
    callHub,
    makeSocket,
    fingerprint: async (key) => {
      if (!hub.hasFingerprints) throw new Error("the fingerprint thread did not start");
      const words = [`k${key[1663]}`, "b", "c", "d"] as const;
      return { digest: key.slice(0, 16), words, longWords: [...words, ...words] };
    },
    loadDeviceDesk,
  });
  const connections = createWorkerConnections({ thread } as HubClient);
  const connection = connections.of("w1");
  const ask = () => connection.client(WorkerInfoService).getWorkerInfo({});
  const pinOther = () =>
    acceptPin(storage, 0, {
      workerId: "w1",
      compositeKey: new Uint8Array(1664).fill(9),
      mode: "classic",
    });
  const device = makeDeviceClient(thread);
  return { clock, storage, hub, desk, device, connections, connection, ask, pinOther };
}

describe("a channel from page to worker", () => {
  const leave = joinKeyQuestionHosts();
  afterAll(leave);

  it("opens at the first call, which waits for it, and pins the key", async () => {
    const { clock, connection, ask, storage, hub } = setUp();
    await settle();
    expect(connection.state()).toEqual({ kind: "idle" });
    expect((await ask()).hostName).toBe("build-1");
    expect(connection.state()).toEqual({ kind: "open", trust: "first" });
    expect(await storage.get("w1")).toMatchObject({ compositeKey: hub.workerKey, mode: "classic" });
    clock.advance(1_000);
    await settle();
    expect(connection.fingerprint()?.words[0]).toBe("k0");
    expect(connection.status()).toMatchObject({ mode: "classic", rekeyCount: 0 });
  });

  it("goes on without the words where they cannot be computed, and has them after the next opening", async () => {
    const { clock, connection, ask, hub } = setUp();
    hub.hasFingerprints = false;
    await ask();
    clock.advance(1_000);
    await settle();
    expect(connection.state()).toMatchObject({ kind: "open" });
    expect(connection.fingerprint()).toBeUndefined();

    hub.hasFingerprints = true;
    hub.sockets[0]!.drop();
    await settle();
    const call = ask();
    clock.advance(2_000);
    await settle();
    await call;
    clock.advance(1_000);
    await settle();
    expect(connection.fingerprint()?.words[0]).toBe("k0");
  });

  it("opens anew after the link was lost; calls made meanwhile wait", async () => {
    const { clock, connection, ask, hub } = setUp();
    await ask();
    hub.sockets[0]!.drop();
    await settle();
    expect(connection.state()).toMatchObject({ kind: "waiting", reason: "link_lost" });
    expect(connection.status()).toBeUndefined();
    const call = ask();
    await settle();
    clock.advance(1_300);
    expect((await call).hostName).toBe("build-1");
    expect(hub.openings).toBe(2);
    expect(connection.state()).toEqual({ kind: "open", trust: "pinned" });
  });

  it("fails the calls of a channel that closes, and comes back by itself", async () => {
    const { clock, connection, ask, hub } = setUp();
    await ask();
    hub.responder!.close("slow_consumer");
    await settle();
    expect(connection.state()).toMatchObject({ kind: "waiting", reason: "slow_consumer" });
    clock.advance(1_300);
    expect((await ask()).hostName).toBe("build-1");
  });

  it("tries an offline worker again when the hub says that workers changed", async () => {
    const { connection, ask, hub } = setUp();
    hub.online = false;
    const call = ask();
    await settle();
    expect(connection.state()).toMatchObject({ kind: "waiting", reason: "worker_offline" });
    hub.online = true;
    hub.sockets[0]!.say({ case: "changed", value: { workers: true } });
    expect((await call).hostName).toBe("build-1");
  });

  it("opens nothing with another key than the pinned one unless a person accepts it", async () => {
    const { clock, connection, ask, hub, pinOther, storage } = setUp();
    await pinOther();
    const call = ask().catch((error: unknown) => ConnectError.from(error).code);
    await settle();
    expect(hub.openings).toBe(0);
    const question = useKeyQuestion()()!;
    expect(question.question).toMatchObject({
      kind: "key",
      expected: { fingerprint: { words: ["k9", "b", "c", "d"] } },
      actual: { fingerprint: { words: ["k0", "b", "c", "d"] } },
    });
    question.answer(false);
    expect(await call).toBe(Code.PermissionDenied);
    expect(connection.state()).toEqual({ kind: "refused", reason: "key_changed" });
    // For the rest of the page's life: across reconnects and whoever asks again.
    hub.sockets[0]!.drop();
    await settle();
    clock.advance(1_300);
    await settle();
    connection.retryNow();
    await settle();
    expect(connection.state()).toEqual({ kind: "refused", reason: "key_changed" });
    expect(hub.openings).toBe(0);
    expect(await storage.get("w1")).toMatchObject({ compositeKey: new Uint8Array(1664).fill(9) });
  });

  it("goes on opening with an accepted key", async () => {
    const { ask, pinOther, storage, hub } = setUp();
    await pinOther();
    const call = ask();
    await settle();
    useKeyQuestion()()!.answer(true);
    expect((await call).hostName).toBe("build-1");
    expect(await storage.get("w1")).toMatchObject({ compositeKey: hub.workerKey });
  });
});

describe("the device on the crypto thread", () => {
  it("is not even loaded in solo mode", async () => {
    const { ask, desk, hub } = setUp();
    await ask();
    hub.sockets[0]!.say({ case: "changed", value: { devices: true } });
    await settle();
    expect(desk.loads).toBe(0);
  });

  it("claims over the binding of each channel where the hub has logins", async () => {
    const { ask, desk, hub } = setUp();
    hub.kind = HubKind.HUB;
    expect((await ask()).hostName).toBe("build-1");
    expect(desk.bindings).toEqual([hub.responder!.binding]);
    expect(desk.loads).toBe(1);
  });

  it("opens to a worker that refused it once its grants are new, and not before", async () => {
    const { clock, ask, desk, hub, connection } = setUp();
    hub.kind = HubKind.HUB;
    hub.isStranger = true;
    await expect(ask()).rejects.toMatchObject({ code: Code.PermissionDenied });
    expect(connection.state()).toEqual({ kind: "refused", reason: "device_not_trusted" });
    hub.isStranger = false;
    hub.sockets[0]!.say({ case: "changed", value: { devices: true } });
    await settle();
    expect(hub.openings).toBe(1);
    desk.grantsAreNew = true;
    hub.sockets[0]!.say({ case: "changed", value: { devices: true } });
    // What the hub announces is put together for a tenth of a second.
    clock.advance(100);
    await settle();
    clock.advance(1_000);
    await settle();
    expect(hub.openings).toBe(2);
    expect(connection.state()).toMatchObject({ kind: "open" });
  });

  it("answers the page, with what went wrong as a word", async () => {
    const { device } = setUp();
    await expect(device.identify({})).resolves.toEqual({ deviceId: "dev_1" });
    await expect(device.startPairing({})).rejects.toMatchObject({ trouble: "key_damaged" });
  });
});
