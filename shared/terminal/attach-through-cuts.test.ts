import fc from "fast-check";
import { expect, it } from "vitest";
import {
  attached,
  inputs,
  lost,
  makeTestView,
  output,
  settle,
  snapshot,
} from "./test-attachment.ts";

it("loses and doubles nothing in either direction, wherever the link is cut", async () => {
  const action = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("output" as const), length: fc.nat(50) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("type" as const),
        length: fc.integer({ min: 1, max: 20 }),
      }),
    },
    // How much of the input that arrived is confirmed, and how much is lost with the link.
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("confirm" as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("cut" as const),
        delivered: fc.nat(60),
        seen: fc.nat(3),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("forget" as const) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
      const view = makeTestView();
      const printed: number[] = [];
      const typed: number[] = [];
      const pty: number[] = [];
      let canResume = true;
      let counter = 0;
      async function answer(): Promise<void> {
        await settle();
        const stream = view.last();
        const { resumeFrom } = stream.begin;
        const resumed = canResume && resumeFrom !== undefined;
        canResume = true;
        stream.send(attached(BigInt(pty.length), resumed));
        if (resumed) {
          const from = Number(resumeFrom.offset);
          if (from < printed.length) stream.send(output(from, printed.slice(from)));
        } else {
          stream.send(snapshot(printed, printed.length));
        }
        await settle();
      }
      function deliver(limit: number): void {
        for (const { offset, data } of inputs(view.last())) {
          data.forEach((byte, index) => {
            const at = Number(offset) + index;
            if (at !== pty.length || limit <= 0) return;
            pty.push(byte);
            limit -= 1;
          });
        }
      }
      await answer();
      for (const it of actions) {
        if (it.kind === "output") {
          const data = Array.from({ length: it.length }, () => counter++ & 0xff);
          view.last().send(output(printed.length, data));
          printed.push(...data);
        } else if (it.kind === "type") {
          const data = Array.from({ length: it.length }, () => counter++ & 0xff);
          if (view.attachment.sendInput(Uint8Array.from(data))) typed.push(...data);
        } else if (it.kind === "confirm") {
          await settle();
          deliver(Infinity);
          view.last().send({
            body: { case: "inputAccepted", value: { offset: BigInt(pty.length) } },
          });
        } else if (it.kind === "forget") {
          canResume = false;
        } else {
          await settle();
          deliver(it.delivered);
          // Printed, but lost on the way.
          printed.push(...Array.from({ length: it.seen }, () => counter++ & 0xff));
          view.last().fail(lost());
          await settle();
          view.attachment.retryNow();
          await answer();
        }
      }
      await settle();
      deliver(Infinity);
      expect(view.screen).toEqual(printed);
      expect(pty).toEqual(typed);
      view.attachment.stop();
    }),
    { numRuns: 60 },
  );
});
