import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeOutputTracker } from "./track-output.ts";

const place = (offset: number, epoch = "a") => ({ epoch, offset: BigInt(offset) });

describe("makeOutputTracker", () => {
  it("has nothing to resume before its first snapshot", () => {
    const tracker = makeOutputTracker();
    expect(tracker.position).toBeUndefined();
    expect(tracker.attach(true)).toBe(false);
  });

  it("goes on from the place that it was given", () => {
    const tracker = makeOutputTracker(place(0));
    expect(tracker.position).toEqual(place(0));
    expect(tracker.attach(true)).toBe(true);
    expect(tracker.output(0n, 3)).toBe(true);
    expect(tracker.position).toEqual(place(3));
  });

  it("goes on from the place of the last part of a snapshot", () => {
    const tracker = makeOutputTracker();
    tracker.attach(false);
    expect(tracker.snapshot({ position: undefined, last: false })).toEqual({
      ok: true,
      first: true,
    });
    expect(tracker.position).toBeUndefined();
    expect(tracker.snapshot({ position: place(70), last: true })).toEqual({
      ok: true,
      first: false,
    });
    expect(tracker.output(70n, 5)).toBe(true);
    expect(tracker.position).toEqual(place(75));
  });

  it("refuses output before the snapshot is whole", () => {
    const tracker = makeOutputTracker();
    tracker.attach(false);
    expect(tracker.output(0n, 1)).toBe(false);
    tracker.snapshot({ position: place(0), last: false });
    expect(tracker.output(0n, 1)).toBe(false);
    tracker.snapshot({ position: place(0), last: true });
    expect(tracker.output(0n, 1)).toBe(true);
  });

  it("takes a snapshot in the middle of output, when the view lagged too far", () => {
    const tracker = makeOutputTracker();
    tracker.attach(false);
    tracker.snapshot({ position: place(0), last: true });
    tracker.output(0n, 1);
    expect(tracker.snapshot({ position: place(90), last: false })).toEqual({
      ok: true,
      first: true,
    });
    expect(tracker.position).toBeUndefined();
    expect(tracker.snapshot({ position: place(90), last: true })).toEqual({
      ok: true,
      first: false,
    });
    expect(tracker.output(90n, 1)).toBe(true);
  });

  it("refuses a snapshot that names no place", () => {
    const tracker = makeOutputTracker();
    tracker.attach(false);
    expect(tracker.snapshot({ position: undefined, last: true }).ok).toBe(false);
    tracker.attach(false);
    expect(tracker.snapshot({ position: place(1, ""), last: true }).ok).toBe(false);
  });

  it("forgets a half drawn snapshot", () => {
    const tracker = makeOutputTracker();
    tracker.attach(false);
    tracker.snapshot({ position: place(9), last: true });
    tracker.attach(false);
    tracker.snapshot({ position: undefined, last: false });
    expect(tracker.position).toBeUndefined();
  });

  it("takes exactly what follows and nothing else", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { maxLength: 50 }), fc.integer(), (lengths, error) => {
        const tracker = makeOutputTracker();
        tracker.attach(false);
        tracker.snapshot({ position: place(3), last: true });
        let offset = 3n;
        for (const length of lengths) {
          if (error !== 0) expect(tracker.output(offset + BigInt(error), length)).toBe(false);
          expect(tracker.output(offset, length)).toBe(true);
          offset += BigInt(length);
        }
        expect(tracker.position).toEqual({ epoch: "a", offset });
      }),
    );
  });
});
