import { expect, test } from "vitest";
import { leastRekeyIntervalMs, softNonceLimit } from "../limits/limits.ts";
import { noblePrimitives as primitives } from "../noise/noble-primitives.ts";
import { startRekey } from "../noise/rekey.ts";
import { makeManualClock } from "../platform/manual-clock.ts";
import type { MessageBody, MessageBodyInit } from "../wire/encode-message.ts";
import type { ChannelEnd } from "./channel-end.ts";
import { makeResponderRekey } from "./responder-rekey.ts";
import { makeTestRandom } from "../noise/test-random.ts";

function makeAnswering() {
  const clock = makeManualClock();
  const random = makeTestRandom(3);
  const said: MessageBodyInit[] = [];
  const nonces = { seal: 0, open: 0 };
  const key = (direction: "seal" | "open") => ({
    bytes: new Uint8Array(32),
    get nonce() {
      return nonces[direction];
    },
    ageMs: () => 0,
    refusal: () => null,
    advance: () => undefined,
    switchTo: () => undefined,
    destroy: () => undefined,
  });
  const end: Pick<ChannelEnd, "sealKey" | "openKey" | "sendControl"> = {
    sealKey: key("seal"),
    openKey: key("open"),
    sendControl(body, sent) {
      said.push(body);
      sent?.();
    },
  };
  const rekey = makeResponderRekey({
    primitives,
    random,
    clock,
    mode: "classic",
    end: () => end as ChannelEnd,
  });
  /** Asks, commits where it was served, and says how it went. */
  function ask(): string | undefined {
    const { ePub } = startRekey({ primitives, random, mode: "classic" });
    const value = { ePub, kemEk: new Uint8Array(0) };
    expect(rekey.accept({ case: "rekeyRequest", value } as MessageBody)).toBe(true);
    const answer = said.pop();
    if (answer?.case === "rekeyAck") {
      expect(rekey.accept({ case: "rekeyCommit", value: {} } as MessageBody)).toBe(true);
    }
    return answer?.case;
  }
  return { clock, nonces, ask };
}

test("age-driven: the one at opening and one per 50 minutes", () => {
  const { clock, ask } = makeAnswering();
  expect([ask(), ask(), ask()]).toEqual(["rekeyAck", "rekeyAck", "rekeyRefused"]);
  clock.advance(leastRekeyIntervalMs - 1);
  expect(ask()).toBe("rekeyRefused");
  clock.advance(1);
  expect([ask(), ask()]).toEqual(["rekeyAck", "rekeyRefused"]);
});

test("nonce-driven, of either direction: always", () => {
  const { nonces, ask } = makeAnswering();
  ask();
  ask();
  expect(ask()).toBe("rekeyRefused");
  nonces.seal = softNonceLimit - 1;
  expect(ask()).toBe("rekeyRefused");
  nonces.seal = softNonceLimit;
  expect([ask(), ask(), ask()]).toEqual(["rekeyAck", "rekeyAck", "rekeyAck"]);
  nonces.seal = 0;
  nonces.open = softNonceLimit;
  expect([ask(), ask()]).toEqual(["rekeyAck", "rekeyAck"]);
  nonces.open = 0;
  expect(ask()).toBe("rekeyRefused");
});
