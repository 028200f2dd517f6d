import {
  acceptPin,
  makeMemoryPinStorage,
  pinLifetimeMs,
} from "@leapmux/shared/identity/pin-store.ts";
import type { EncryptionMode } from "@leapmux/shared/noise/primitives.ts";
import { describe, expect, it } from "vitest";
import { makeKeyGate } from "./admit-key.ts";
import type { KeyQuestion } from "./key-question.ts";

const key = (seed: number) => new Uint8Array(1664).fill(seed);
const report = (seed: number, mode: EncryptionMode = "post-quantum") => ({
  workerId: "w1",
  compositeKey: key(seed),
  mode,
});
const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

function setUp() {
  const storage = makeMemoryPinStorage();
  const parts = { fails: false };
  let nowMs = 1000;
  const asked: { question: KeyQuestion; answer(accepted: boolean): void; withdrawn: boolean }[] =
    [];
  const gate = makeKeyGate({
    storage,
    nowMs: () => nowMs,
    fingerprint: async (compositeKey) => {
      if (parts.fails) throw new Error("the fingerprint thread did not start");
      const word = `word${compositeKey[0]}`;
      const words = [word, word, word, word] as const;
      return { digest: compositeKey.slice(0, 16), words, longWords: [...words, ...words] };
    },
    ask(question) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const entry = { question, answer: resolve, withdrawn: false };
      asked.push(entry);
      return {
        answer: promise,
        withdraw() {
          entry.withdrawn = true;
          resolve(false);
        },
      };
    },
  });
  return {
    storage,
    gate,
    asked,
    parts,
    pin: (seed: number, mode: EncryptionMode = "post-quantum", verified = false) =>
      acceptPin(storage, nowMs, report(seed, mode), verified),
    pass: (ms: number) => (nowMs += ms),
    never: new AbortController().signal,
  };
}

describe("makeKeyGate", () => {
  it("pins at first use only after the handshake", async () => {
    const { gate, storage, never } = setUp();
    expect(await gate.admit(report(1), never)).toEqual({ ok: true, trust: "first" });
    expect(await storage.list()).toEqual([]);
    expect(await gate.proved(report(1))).toBe(true);
    expect(await storage.get("w1")).toMatchObject({ mode: "post-quantum", verified: false });
    expect(await gate.admit(report(1), never)).toEqual({ ok: true, trust: "pinned" });
  });

  it("keeps a pin one year from its last use", async () => {
    const it = setUp();
    await it.pin(1);
    it.pass(pinLifetimeMs - 1);
    expect(await it.gate.admit(report(1), it.never)).toEqual({ ok: true, trust: "pinned" });
    await it.gate.proved(report(1));
    it.pass(pinLifetimeMs - 1);
    expect(await it.gate.admit(report(1), it.never)).toEqual({ ok: true, trust: "pinned" });
    it.pass(1);
    expect(await it.gate.admit(report(1), it.never)).toEqual({ ok: true, trust: "first" });
  });

  it("asks about another key and shows both; accepted, it takes the place of the pin", async () => {
    const it = setUp();
    await it.pin(1, "post-quantum", true);
    const admission = it.gate.admit(report(2), it.never);
    await settle();
    expect(it.asked[0]!.question).toMatchObject({
      kind: "key",
      workerId: "w1",
      expected: { fingerprint: { words: ["word1", "word1", "word1", "word1"] } },
      actual: { fingerprint: { words: ["word2", "word2", "word2", "word2"] } },
    });
    it.asked[0]!.answer(true);
    // Nobody compared the new key by pairing.
    expect(await admission).toEqual({ ok: true, trust: "pinned" });
    expect(await it.storage.get("w1")).toMatchObject({ compositeKey: key(2), verified: false });
  });

  it("does not ask without the words, and asks the next time", async () => {
    const it = setUp();
    await it.pin(1);
    it.parts.fails = true;
    expect(await it.gate.admit(report(2), it.never)).toEqual({ ok: false, reason: "link_lost" });
    expect(it.asked).toEqual([]);
    it.parts.fails = false;
    const admission = it.gate.admit(report(2), it.never);
    await settle();
    it.asked[0]!.answer(true);
    expect(await admission).toEqual({ ok: true, trust: "pinned" });
  });

  it("stays rejected for the page's life, whatever key comes", async () => {
    const it = setUp();
    await it.pin(1);
    const admission = it.gate.admit(report(2), it.never);
    await settle();
    it.asked[0]!.answer(false);
    expect(await admission).toEqual({ ok: false, reason: "key_changed" });
    expect(await it.gate.admit(report(1), it.never)).toMatchObject({ ok: false });
    expect(await it.gate.admit(report(3), it.never)).toMatchObject({ ok: false });
    expect(it.asked).toHaveLength(1);
    expect(await it.storage.get("w1")).toMatchObject({ compositeKey: key(1) });
  });

  it("asks in its own way when a post-quantum worker is reported as classic", async () => {
    const it = setUp();
    await it.pin(1);
    const admission = it.gate.admit(report(1, "classic"), it.never);
    await settle();
    expect(it.asked[0]!.question).toMatchObject({
      kind: "mode",
      expected: { mode: "post-quantum" },
      actual: { mode: "classic" },
    });
    it.asked[0]!.answer(false);
    expect(await admission).toEqual({ ok: false, reason: "mode_refused" });
    expect(await it.storage.get("w1")).toMatchObject({ mode: "post-quantum" });
  });

  it("takes the way up to post-quantum silently and for good", async () => {
    const it = setUp();
    await it.pin(1, "classic");
    expect(await it.gate.admit(report(1), it.never)).toMatchObject({ ok: true });
    await it.gate.proved(report(1));
    expect(await it.storage.get("w1")).toMatchObject({ mode: "post-quantum" });
  });

  it("leaves the question open when the link is lost, and asks it once", async () => {
    const it = setUp();
    await it.pin(1);
    const lost = new AbortController();
    const first = it.gate.admit(report(2), lost.signal).catch(() => "lost");
    await settle();
    lost.abort();
    expect(await first).toBe("lost");
    const second = it.gate.admit(report(2), it.never);
    await settle();
    expect(it.asked).toHaveLength(1);
    it.asked[0]!.answer(true);
    expect(await second).toEqual({ ok: true, trust: "pinned" });
  });

  it("withdraws a question about a key that is no longer the one reported, which rejects nothing", async () => {
    const it = setUp();
    await it.pin(1);
    const lost = new AbortController();
    void it.gate.admit(report(2), lost.signal).catch(() => {});
    await settle();
    lost.abort();
    const second = it.gate.admit(report(3), it.never);
    await settle();
    expect(it.asked[0]!.withdrawn).toBe(true);
    expect(it.asked).toHaveLength(2);
    it.asked[1]!.answer(true);
    expect(await second).toEqual({ ok: true, trust: "pinned" });
    expect(await it.storage.get("w1")).toMatchObject({ compositeKey: key(3) });
  });

  it("does not keep a channel whose key another page pinned differently meanwhile", async () => {
    const it = setUp();
    expect(await it.gate.admit(report(1), it.never)).toEqual({ ok: true, trust: "first" });
    await it.pin(2);
    expect(await it.gate.proved(report(1))).toBe(false);
    expect(await it.storage.get("w1")).toMatchObject({ compositeKey: key(2) });
  });
});
