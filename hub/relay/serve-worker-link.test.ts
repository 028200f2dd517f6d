import { expect, test } from "vitest";
import { makeFakeRelay } from "../test-support/fake-links.ts";
import { makeWorkerLink } from "./serve-worker-link.ts";

test("of many answers to a pairing only the latest waits for a worker that does not read", async () => {
  const { relay } = makeFakeRelay();
  const owner = { worker_id: "worker-0001", user_id: "ann" };
  const hello = {
    compositePublicKey: new Uint8Array(1664),
    mode: "classic",
    maxMessageBytes: 65_536,
    protocolVersion: 1,
  } as const;
  const pump = makeWorkerLink(relay, owner, hello, () => undefined);
  for (let count = 1; count <= 1_000; count += 1) {
    pump.link.sendPairingAnswer({
      userId: "ann",
      devicePublicKey: new Uint8Array(1984),
      deviceMac: new Uint8Array(64).fill(count % 256),
    });
  }
  pump.link.sendGoingAway(1);

  const told: unknown[] = [];
  for await (const { body } of pump.messages(nothing())) {
    told.push(body.case === "pairingAnswer" ? body.value.deviceMac[0] : body.case);
    if (body.case === "goingAway") pump.finish();
  }
  expect(told).toEqual([1_000 % 256, "goingAway"]);
});

async function* nothing(): AsyncGenerator<never> {}
