import fc from "fast-check";
import { expect, test } from "vitest";
import { messageOverheadBytes, startCreditBytes } from "../limits/limits.ts";
import { makeReceiveCredit, makeSendCredit } from "./credit-window.ts";

test("the last byte of credit still sends a whole message, then no more", () => {
  const send = makeSendCredit();
  const receive = makeReceiveCredit();
  const almostAll = startCreditBytes - messageOverheadBytes - 1;
  send.spend(almostAll);
  expect(receive.receive(almostAll)).toBe(true);
  expect(send.available).toBe(true);
  send.spend(10_000_000);
  expect(receive.receive(10_000_000)).toBe(true);
  expect(send.available).toBe(false);
  // One message beyond its credit: a violation.
  expect(receive.receive(0)).toBe(false);
});

test("grants come in halves of the window", () => {
  const receive = makeReceiveCredit();
  const half = startCreditBytes / 2;
  expect(receive.consume(half - messageOverheadBytes - 1)).toBe(0);
  expect(receive.consume(0)).toBe(half + messageOverheadBytes - 1);
  expect(receive.consume(0)).toBe(0);
});

test("who waits is woken by a grant that makes the balance positive, or by the end", async () => {
  const send = makeSendCredit();
  send.spend(startCreditBytes);
  let woken = 0;
  const waiting = send.wait().then(() => (woken += 1));
  expect(send.grant(messageOverheadBytes)).toBe(true);
  await Promise.resolve();
  expect(woken).toBe(0);
  expect(send.grant(1)).toBe(true);
  await waiting;
  expect(woken).toBe(1);
  send.spend(startCreditBytes);
  const ended = send.wait();
  send.end();
  await ended;
});

test("grants of more than was spent are refused", () => {
  const send = makeSendCredit();
  expect(send.grant(1)).toBe(false);
});

test("property: producer and consumer never stall, and never hold more than window and one message", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(600_000), { minLength: 1, maxLength: 60 }), (sizes) => {
      const send = makeSendCredit();
      const receive = makeReceiveCredit();
      const buffered: number[] = [];
      const waiting = [...sizes];
      let delivered = 0;
      while (delivered < sizes.length) {
        while (send.available && waiting.length > 0) {
          const size = waiting.shift() ?? 0;
          send.spend(size);
          expect(receive.receive(size)).toBe(true);
          buffered.push(size);
        }
        const held = buffered.slice(0, -1).reduce((sum, size) => sum + size, 0);
        expect(held).toBeLessThanOrEqual(startCreditBytes);
        const size = buffered.shift();
        expect(size).toBeDefined();
        delivered += 1;
        const granted = receive.consume(size ?? 0);
        if (granted > 0) expect(send.grant(granted)).toBe(true);
      }
    }),
  );
});
