import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import {
  attached,
  inputs,
  lost,
  makeTestView,
  output,
  settle,
  snapshot,
} from "./test-attachment.ts";

const keys = (...codes: number[]) => Uint8Array.from(codes);

describe("attachTerminal", () => {
  it("draws the snapshot and what follows it, at the size of the snapshot", async () => {
    const view = makeTestView();
    await settle();
    expect(view.last().begin).toMatchObject({ terminalId: "tab_1", cols: 80, rows: 25 });
    expect(view.last().begin.resumeFrom).toBeUndefined();
    view.last().send(attached());
    view.last().send(snapshot([1], 0, false));
    view.last().send(snapshot([2], 40));
    view.last().send(output(40, [3, 4]));
    await settle();
    expect(view.screen).toEqual([1, 2, 3, 4]);
    expect(view.sizes).toEqual([{ cols: 90, rows: 30 }]);
    expect(view.states).toEqual(["attaching", "live"]);
    view.attachment.stop();
  });

  it("refuses input until it is attached", async () => {
    const view = makeTestView();
    await settle();
    expect(view.attachment.sendInput(keys(1))).toBe(false);
    view.last().send(attached());
    await settle();
    expect(view.attachment.sendInput(keys(1))).toBe(true);
    view.last().fail(lost());
    await settle();
    expect(view.states.at(-1)).toBe("detached");
    expect(view.attachment.sendInput(keys(2))).toBe(false);
    view.attachment.stop();
  });

  it("resumes where it stood and sends again what was not confirmed", async () => {
    const view = makeTestView();
    await settle();
    view.last().send(attached());
    view.last().send(snapshot([], 10));
    view.last().send(output(10, [7]));
    await settle();
    view.attachment.sendInput(keys(65, 66, 67));
    view.last().send({ body: { case: "inputAccepted", value: { offset: 1n } } });
    await settle();
    const viewId = view.last().begin.viewId;
    view.last().fail(lost());
    await settle();
    view.attachment.retryNow();
    await settle();
    expect(view.streams).toHaveLength(2);
    expect(view.last().begin).toMatchObject({
      viewId,
      inputSent: 3n,
      resumeFrom: { epoch: "e", offset: 11n },
    });
    view.last().send(attached(2n, true));
    view.last().send(output(11, [8]));
    await settle();
    expect(inputs(view.last())).toEqual([{ offset: 2n, data: [67] }]);
    expect(view.screen).toEqual([7, 8]);
    view.attachment.stop();
  });

  it("starts over from a snapshot, as another view, when an output is not the expected one", async () => {
    const view = makeTestView();
    await settle();
    view.last().send(attached());
    view.last().send(snapshot([], 10));
    view.last().send(output(12, [7]));
    await settle();
    expect(view.screen).toEqual([]);
    expect(view.states.at(-1)).toBe("detached");
    const { viewId } = view.last().begin;
    view.clock.advance(2_000);
    await settle();
    expect(view.streams).toHaveLength(2);
    expect(view.last().begin.resumeFrom).toBeUndefined();
    expect(view.last().begin.viewId).not.toBe(viewId);
    view.attachment.stop();
  });

  it("starts over when the worker claims to have accepted what was never sent", async () => {
    const view = makeTestView();
    await settle();
    view.last().send(attached(1n));
    await settle();
    expect(view.states.at(-1)).toBe("detached");
    view.attachment.stop();
  });

  it("pulls no further event while the screen is full", async () => {
    const view = makeTestView();
    await settle();
    let release = () => {};
    void view.holdScreen(new Promise((resolve) => (release = resolve)));
    view.last().send(attached());
    view.last().send(snapshot([1], 0));
    view.last().send(output(0, [2]));
    await settle();
    expect(view.screen).toEqual([1]);
    release();
    await settle();
    expect(view.screen).toEqual([1, 2]);
    view.attachment.stop();
  });

  it("tells a size that changed while it was attaching, and no size twice", async () => {
    const view = makeTestView();
    await settle();
    view.attachment.resize({ cols: 100, rows: 40 });
    view.attachment.resize({ cols: 100, rows: 40 });
    view.last().send(attached());
    await settle();
    view.attachment.resize({ cols: 100, rows: 40 });
    await settle();
    expect(view.last().requests).toMatchObject([
      { case: "resize", value: { cols: 100, rows: 40 } },
    ]);
    view.attachment.stop();
  });

  it("says where it is asked to start the shell anew", async () => {
    const view = makeTestView();
    await settle();
    view.last().send(attached());
    await settle();
    await view.attachment.restart();
    await settle();
    expect(view.restarts).toEqual([{ terminalId: "tab_1", viewId: view.last().begin.viewId }]);
    expect(view.last().requests).toEqual([]);
    view.attachment.stop();
  });

  it("tells that it acted as soon as it can, when it starts the shell while detached", async () => {
    const view = makeTestView();
    await settle();
    await view.attachment.restart();
    expect(view.restarts).toHaveLength(1);
    view.last().send(attached());
    await settle();
    expect(view.last().requests).toMatchObject([{ case: "focus" }]);
    view.attachment.stop();
  });

  it("lets go while paused and resumes at once", async () => {
    const view = makeTestView();
    await settle();
    view.last().send(attached());
    view.last().send(snapshot([], 5));
    await settle();
    view.attachment.pause();
    await settle();
    expect(view.last().cancelled).toBe(true);
    expect(view.states.at(-1)).toBe("asleep");
    view.attachment.retryNow();
    await settle();
    expect(view.streams).toHaveLength(1);
    view.attachment.resume();
    await settle();
    expect(view.streams).toHaveLength(2);
    expect(view.last().begin.resumeFrom).toMatchObject({ epoch: "e", offset: 5n });
    view.attachment.stop();
  });

  it("says that a terminal is gone and keeps asking, ever more slowly", async () => {
    const view = makeTestView();
    await settle();
    view.last().fail(new ConnectError("no such terminal", Code.NotFound));
    await settle();
    expect(view.states.at(-1)).toBe("gone");
    view.clock.advance(1_300);
    await settle();
    expect(view.streams).toHaveLength(2);
    view.last().end();
    await settle();
    expect(view.states.at(-1)).toBe("gone");
    view.clock.advance(1_300);
    await settle();
    expect(view.streams).toHaveLength(2);
    view.attachment.stop();
  });

  it("stops for good", async () => {
    const view = makeTestView();
    await settle();
    view.attachment.stop();
    await settle();
    expect(view.last().cancelled).toBe(true);
    expect(view.clock.waiting).toBe(0);
    expect(view.streams).toHaveLength(1);
  });
});
