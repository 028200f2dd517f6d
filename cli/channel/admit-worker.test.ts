import { fingerprint, type Fingerprint } from "@leapmux/shared/identity/fingerprint.ts";
import { nativeScrypt } from "@leapmux/native/native-scrypt.ts";
import {
  acceptPin,
  makeMemoryPinStorage,
  type ReportedKey,
} from "@leapmux/shared/identity/pin-store.ts";
import { compositeKeyBytes } from "@leapmux/shared/limits/limits.ts";
import { expect, test } from "vitest";
import { makeWorkerGate } from "./admit-worker.ts";

const nowMs = () => 1_000_000;
const go = new AbortController().signal;
const key = (fill: number, mode: ReportedKey["mode"] = "post-quantum"): ReportedKey => ({
  workerId: "wrk_1",
  compositeKey: new Uint8Array(compositeKeyBytes).fill(fill),
  mode,
});

function setUp(confirm: (words: Fingerprint) => Promise<boolean> = async () => true) {
  const storage = makeMemoryPinStorage();
  const asked: Fingerprint[] = [];
  const gate = makeWorkerGate({
    storage,
    nowMs,
    fingerprint: (compositeKey) => fingerprint(compositeKey, nativeScrypt),
    confirmFirst(words) {
      asked.push(words);
      return confirm(words);
    },
  });
  return { storage, asked, gate };
}

test("a first key is asked about once, and pinned only when the handshake proved it", async () => {
  const { storage, asked, gate } = setUp();
  expect(await gate.admit(key(1), go)).toEqual({ ok: true, trust: "first" });
  expect(await storage.list()).toEqual([]);
  expect(await gate.admit(key(1), go)).toEqual({ ok: true, trust: "first" });
  expect(asked).toHaveLength(1);
  expect(await gate.proved(key(1))).toBe(true);
  expect(await gate.admit(key(1), go)).toEqual({ ok: true, trust: "pinned" });
});

test("a yes to one key is none to the next", async () => {
  const { storage, asked, gate } = setUp();
  await gate.admit(key(1), go);
  expect(await gate.admit(key(2), go)).toMatchObject({ ok: false, reason: "key_changed" });
  expect(await gate.proved(key(2))).toBe(false);
  expect(asked).toHaveLength(1);
  expect(await storage.list()).toEqual([]);
});

test("another key while the first is on the screen is not what the answer is to", async () => {
  const answer = Promise.withResolvers<boolean>();
  const { gate } = setUp(() => answer.promise);
  const first = gate.admit(key(1), go);
  expect(await gate.admit(key(2), go)).toEqual({ ok: false, reason: "link_lost" });
  answer.resolve(true);
  expect(await first).toEqual({ ok: true, trust: "first" });
  expect(await gate.proved(key(2))).toBe(false);
});

test("a no stays a no", async () => {
  const { asked, gate } = setUp(async () => false);
  expect(await gate.admit(key(1), go)).toMatchObject({ ok: false });
  expect(await gate.admit(key(1), go)).toMatchObject({ ok: false });
  expect(asked).toHaveLength(1);
  expect(gate.refusal?.kind).toBe("not_confirmed");
});

test("a changed key and a weaker mode are refused without a question; the way up is no loss", async () => {
  const changed = setUp();
  await acceptPin(changed.storage, nowMs(), key(1));
  expect(await changed.gate.admit(key(2), go)).toEqual({ ok: false, reason: "key_changed" });
  // What was refused once is not admitted by going back: somebody is up to something.
  expect(await changed.gate.admit(key(1), go)).toMatchObject({ ok: false });
  expect(await changed.gate.proved(key(1))).toBe(false);
  expect(changed.asked).toEqual([]);

  const weaker = setUp();
  await acceptPin(weaker.storage, nowMs(), key(1));
  expect(await weaker.gate.admit(key(1, "classic"), go)).toEqual({
    ok: false,
    reason: "mode_refused",
  });

  const stronger = setUp();
  await acceptPin(stronger.storage, nowMs(), key(1, "classic"));
  expect(await stronger.gate.admit(key(1), go)).toMatchObject({ ok: true });
  await stronger.gate.proved(key(1));
  expect((await stronger.storage.list())[0]?.mode).toBe("post-quantum");
});

test("a link that is lost during the question ends the wait and not the question", async () => {
  const answer = Promise.withResolvers<boolean>();
  const { asked, gate } = setUp(() => answer.promise);
  const lost = new AbortController();
  const first = gate.admit(key(1), lost.signal);
  lost.abort(new Error("lost"));
  await expect(first).rejects.toThrow("lost");
  const second = gate.admit(key(1), go);
  answer.resolve(true);
  expect(await second).toEqual({ ok: true, trust: "first" });
  expect(asked).toHaveLength(1);
});
