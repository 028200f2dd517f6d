import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import { RegistrationState } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { describe, expect, it } from "vitest";
import { DeviceError, type PairingCheck } from "../trust/device-operations.ts";
import { makeRegisterFlow, type RegisterState } from "./register-flow.ts";

const minute = 60_000;
/** The hub's clock is not ours. */
const hubAheadMs = 7 * minute;
const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

function setUp() {
  const clock = makeManualClock();
  const calls: string[] = [];
  const states: RegisterState[] = [];
  const checks: object[] = [];
  const answers: object[] = [];
  const world = {
    keys: 0,
    hubFails: false,
    answerFails: false,
    registration: { state: RegistrationState.WAITING } as object,
    check: { ok: false, reason: "wrong_proof" } as PairingCheck | DeviceError,
  };
  const expiresAtMs = () => BigInt(clock.now() + hubAheadMs + 5 * minute);
  const hub = {
    async createRegistrationKey() {
      if (world.hubFails) throw new Error("away");
      world.keys += 1;
      calls.push(`create k${world.keys}`);
      return { keyId: `k${world.keys}`, key: `lmk_${world.keys}`, expiresAtMs: expiresAtMs() };
    },
    async extendRegistrationKey({ keyId }: { keyId: string }) {
      calls.push(`extend ${keyId}`);
      if (world.hubFails) throw new Error("away");
      return { expiresAtMs: expiresAtMs() };
    },
    async destroyRegistrationKey({ keyId }: { keyId: string }) {
      calls.push(`destroy ${keyId}`);
      return {};
    },
    async getRegistration() {
      if (world.hubFails) throw new Error("away");
      return world.registration;
    },
    async answerPairing(answer: object) {
      if (world.answerFails) throw new Error("away");
      answers.push(answer);
      return {};
    },
  };
  const flow = makeRegisterFlow({
    hub: hub as never,
    operations: {
      startPairing: async () => ({ pairingId: "p", secret: "PPPP" }),
      async checkPairing(proof) {
        checks.push(proof);
        if (world.check instanceof DeviceError) throw world.check;
        return world.check;
      },
      async endPairing() {
        calls.push("end pairing");
        return {};
      },
    },
    userId: () => "usr_1",
    clock,
    nowMs: clock.now,
    onState: (state) => states.push(state),
  });
  /** In steps, as time passes: what is due in between happens in between. */
  async function pass(ms: number) {
    for (let left = ms; left > 0; left -= 5_000) {
      clock.advance(Math.min(left, 5_000));
      await settle();
    }
  }
  function register(parts: object = {}) {
    world.registration = {
      state: RegistrationState.REGISTERED,
      workerId: "wrk_1",
      compositePublicKey: new Uint8Array(1664),
      encryptionMode: EncryptionMode.POST_QUANTUM,
      workerMac: new Uint8Array(64),
      ...parts,
    };
    flow.look();
    return settle();
  }
  return { world, clock, calls, checks, answers, flow, pass, register, state: () => states.at(-1) };
}

const proven: PairingCheck = {
  ok: true,
  fingerprint: { digest: new Uint8Array(16), words: ["a", "b", "c", "d"], longWords: [] },
  devicePublicKey: new Uint8Array(1984),
  deviceMac: new Uint8Array(64),
};

describe("a registration key while its dialog is open", () => {
  it("joins the hub's part and the secret, which the hub never sees", async () => {
    const { state } = setUp();
    await settle();
    expect(state()).toEqual({ kind: "waiting", key: "lmk_1.PPPP", endsAtMs: 5 * minute });
  });

  it("is extended when less than two minutes are left, over and over, by our own clock", async () => {
    const { calls, pass, state, clock } = setUp();
    await settle();
    await pass(3 * minute);
    expect(calls).toEqual(["create k1"]);
    await pass(10_000);
    expect(calls).toEqual(["create k1", "extend k1"]);
    await pass(30 * minute);
    expect(state()).toMatchObject({ kind: "waiting", key: "lmk_1.PPPP" });
    const now = state();
    expect(now?.kind === "waiting" && now.endsAtMs - clock.now()).toBeGreaterThan(1.9 * minute);
  });

  it("expires where the hub stays away, and is made anew by a person", async () => {
    const { world, calls, pass, state, flow } = setUp();
    await settle();
    world.hubFails = true;
    await pass(5 * minute + 10_000);
    expect(state()).toEqual({ kind: "expired" });
    expect(calls.slice(-2)).toEqual(["end pairing", "destroy k1"]);
    world.hubFails = false;
    flow.renew();
    await settle();
    expect(state()).toMatchObject({ kind: "waiting", key: "lmk_2.PPPP" });
  });

  it("expires when the hub says so", async () => {
    const { world, flow, state } = setUp();
    await settle();
    world.registration = { state: RegistrationState.EXPIRED };
    flow.look();
    await settle();
    expect(state()).toEqual({ kind: "expired" });
  });

  it("is destroyed with its dialog, also when the dialog was quicker", async () => {
    const first = setUp();
    await settle();
    first.flow.close();
    expect(first.calls).toEqual(["create k1", "end pairing", "destroy k1"]);
    const second = setUp();
    second.flow.close();
    await settle();
    expect(second.calls).toEqual(["create k1", "end pairing", "destroy k1"]);
    await second.pass(5 * minute);
    expect(second.calls).toHaveLength(3);
  });

  it("says so when there is no key to be had, and keeps no secret", async () => {
    const { world, flow, state, calls } = setUp();
    await settle();
    world.hubFails = true;
    flow.renew();
    await settle();
    expect(state()).toMatchObject({ kind: "failed" });
    expect(calls.filter((call) => call === "end pairing")).toHaveLength(2);
  });
});

describe("a worker that comes with the key", () => {
  it("is paired, and told so", async () => {
    const { world, register, state, checks, answers, flow, calls } = setUp();
    await settle();
    world.check = proven;
    await register();
    expect(checks).toMatchObject([{ pairingId: "p", userId: "usr_1", workerId: "wrk_1" }]);
    expect(answers).toMatchObject([{ keyId: "k1", deviceMac: new Uint8Array(64) }]);
    expect(state()).toEqual({
      kind: "paired",
      workerId: "wrk_1",
      words: ["a", "b", "c", "d"],
      isOneSided: false,
    });
    // Its row at the hub still carries the answer to the worker.
    flow.close();
    expect(calls).not.toContain("destroy k1");
  });

  it("is found also where it was there before the first look", async () => {
    const { world, state, flow } = setUp();
    world.check = proven;
    world.registration = { state: RegistrationState.REGISTERED, workerMac: new Uint8Array(64) };
    await settle();
    expect(state()).toMatchObject({ kind: "paired" });
    flow.close();
  });

  it("is refused without a second try where its proof does not hold", async () => {
    const { register, state, answers, calls, checks } = setUp();
    await settle();
    await register();
    expect(state()).toEqual({ kind: "refused", workerId: "wrk_1", reason: "wrong_proof" });
    expect(answers).toEqual([]);
    expect(calls.slice(-2)).toEqual(["end pairing", "destroy k1"]);
    await register();
    expect(checks).toHaveLength(1);
  });

  it("is trusted one-sidedly where the answer did not get through", async () => {
    const { world, register, state } = setUp();
    await settle();
    world.check = proven;
    world.answerFails = true;
    await register();
    expect(state()).toMatchObject({ kind: "paired", isOneSided: true });
  });

  it("is not judged where the device key cannot be read", async () => {
    const { world, register, state } = setUp();
    await settle();
    world.check = new DeviceError("key_damaged");
    await register();
    expect(state()).toMatchObject({ kind: "failed", error: { trouble: "key_damaged" } });
  });

  it("is not looked for once the dialog is closed", async () => {
    const { flow, register, checks } = setUp();
    await settle();
    flow.close();
    await register();
    expect(checks).toEqual([]);
  });
});
