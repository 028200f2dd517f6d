/**
 * A hub that drops, replays, reorders, truncates, re-labels or splices frames, in either direction and on
 * either wire. The first frame that does not open ends the channel with its reason, at both ends, and
 * nothing that was in an altered frame, or after it, is executed.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { flagClose, flagLast, flagMore, type Frame } from "@leapmux/shared/envelope/frame.ts";
import type { CloseReason } from "@leapmux/shared/errors/close-reason.ts";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { startHostileRelay, type HostileRelay } from "../harness/hostile-relay.ts";
import { openShell, settle } from "../harness/open-shell.ts";
import { startSystem, type System } from "../harness/start-system.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { makeTerminalView } from "../harness/terminal-view.ts";
import { connectClient, type TestChannel, type TestClient } from "../harness/test-client.ts";
import { within } from "../harness/until.ts";

const cleanup = cleanupAfterFile();
let system: System;
let relay: HostileRelay;
let honest: TestChannel;
beforeAll(async () => {
  system = await startSystem(cleanup);
  relay = await startHostileRelay(cleanup, system.url);
  honest = await (await connectClient(cleanup, system.url)).channel();
});
beforeEach(() => {
  relay.hooks.upFrame = undefined;
  relay.hooks.downFrame = undefined;
  system.workerLink.hooks.up = undefined;
  system.workerLink.hooks.down = undefined;
});

/** What a hostile hub makes of the frames of one direction, one call per frame. */
type Alteration = () => (frame: Frame) => readonly Frame[];

/** Alters the first frame and passes the rest on. */
const once =
  (alter: (frame: Frame) => readonly Frame[]): Alteration =>
  () => {
    let done = false;
    return (frame) => {
      if (done || frame.flags === flagClose) return [frame];
      done = true;
      return alter(frame);
    };
  };

const flip = (frame: Frame, at: number): Frame => {
  const ciphertext = Uint8Array.from(frame.ciphertext);
  const index = at < 0 ? ciphertext.length + at : at;
  ciphertext[index] = (ciphertext[index] ?? 0) ^ 1;
  return { ...frame, ciphertext };
};

/** Waits for a second frame and sends that one first. */
const reorder: Alteration = () => {
  let held: Frame | undefined;
  let done = false;
  return (frame) => {
    if (done || frame.flags === flagClose) return [frame];
    if (held === undefined) {
      held = frame;
      return [];
    }
    done = true;
    return [frame, held];
  };
};

const alterations: readonly [string, Alteration, CloseReason?][] = [
  ["drop", once(() => [])],
  ["replay at once", once((frame) => [frame, frame])],
  ["reorder", reorder],
  ["truncate by one byte", once((f) => [{ ...f, ciphertext: f.ciphertext.slice(0, -1) }])],
  ["truncate to a tag", once((f) => [{ ...f, ciphertext: f.ciphertext.slice(0, 16) }])],
  ["lengthen", once((f) => [{ ...f, ciphertext: Buffer.concat([f.ciphertext, Buffer.alloc(1)]) }])],
  ["flip the first bit", once((frame) => [flip(frame, 0)])],
  ["flip the last bit", once((frame) => [flip(frame, -1)])],
  ["all zero", once((f) => [{ ...f, ciphertext: new Uint8Array(f.ciphertext.length) }])],
  ["re-label the correlation id", once((f) => [{ ...f, correlationId: f.correlationId + 1n }])],
  ["re-label to the channel itself", once((f) => [{ ...f, correlationId: 0n }])],
  ["re-label the flags: more follows", once((frame) => [{ ...frame, flags: flagMore }])],
];

const places = [
  ["between client and hub", "relay"],
  ["between hub and worker", "link"],
] as const;
const directions = ["up", "down"] as const;

for (const [placeName, place] of places) {
  for (const direction of directions) {
    describe(`${placeName}, ${direction}`, () => {
      test.each(alterations)("%s", async (_name, alteration) => {
        const { channel, marker, victim } = await openVictim();
        arm(place, direction, channel.channelId, alteration());

        // One message per frame; the first is altered. The rest shows that nothing goes on after it.
        const before = victim.view.text();
        for (const letter of `\rtouch ${marker}\r`) victim.view.type(letter);
        const reason = await within(channel.closed, "the channel to close");
        expect(reason).toBe("decrypt_failed");
        // Both ends agree: one saw it, the other was told.
        if (direction === "up") expect(channel.closeFrames).toContain(reason);

        await nothingWasExecuted(victim.terminalId, direction, marker);
        // What came through is what the terminal said, from where the view stood.
        expect(victim.view.text().startsWith(before)).toBe(true);
      });
    });
  }
}

describe("spliced between two channels", () => {
  for (const [placeName, place] of places) {
    test.each(directions)(`${placeName}, %s`, async (direction) => {
      const first = await openVictim();
      const second = await openVictim(first.client);
      let spliced = false;
      setFrameHook(place, direction, (frame) => {
        if (spliced || frame.channelId !== second.channel.channelId) return [frame];
        spliced = true;
        // The same frame under the other channel's name.
        return [{ ...frame, channelId: first.channel.channelId }];
      });
      second.victim.view.type(`touch ${second.marker}\r`);
      await within(first.channel.closed, "the channel that got a foreign frame to close");
      expect(first.channel.closeReason()).toBe("decrypt_failed");
      setFrameHook(place, direction, undefined);
      // The one that lost a frame notices with the next.
      for (let more = 0; more < 5; more += 1) second.victim.view.type("\r");
      await within(second.channel.closed, "the channel that lost a frame to close");
      expect(second.channel.closeReason()).toBe("decrypt_failed");
      await nothingWasExecuted(second.victim.terminalId, direction, second.marker);
    });
  }
});

test("a close frame is the hub's right, but only closes", async () => {
  const { channel, marker, victim } = await openVictim();
  arm("relay", "up", channel.channelId, once((f) => [{ ...f, flags: flagClose }])());
  victim.view.type(`touch ${marker}\r`);
  expect(await within(channel.closed, "the close")).toBe("protocol_violation");
  await nothingWasExecuted(victim.terminalId, "up", marker);
});

test("recorded frames of a whole channel mean nothing to the next one", async () => {
  const recorded: Frame[] = [];
  relay.hooks.upFrame = (frame) => {
    recorded.push(frame);
    return [frame];
  };
  const first = await openVictim();
  first.victim.view.type(`touch ${first.marker}\r`);
  await settle(first.victim.view);
  expect(existsSync(first.marker)).toBe(true);
  relay.hooks.upFrame = undefined;

  const second = await openVictim();
  relay.injectUp(
    ...recorded
      .filter(({ flags }) => flags === flagLast || flags === flagMore)
      .map((frame) => ({ ...frame, channelId: second.channel.channelId })),
  );
  expect(await within(second.channel.closed, "the close")).toBe("decrypt_failed");
});

/** A channel through the hostile hub, with a shell, and a file that must never come to be. */
async function openVictim(sharedClient?: TestClient) {
  const own = cleanupAfterTest();
  const directory = await makeTemporaryDirectory(own);
  const client = sharedClient ?? (await connectClient(own, relay.url));
  const channel = await client.channel();
  const victim = await openShell(channel, { directory });
  return { client, channel, victim, marker: join(directory, "executed") };
}

function arm(
  place: "relay" | "link",
  direction: "up" | "down",
  channelId: string,
  alter: (frame: Frame) => readonly Frame[],
): void {
  setFrameHook(place, direction, (frame) =>
    frame.channelId === channelId ? alter(frame) : [frame],
  );
}

function setFrameHook(
  place: "relay" | "link",
  direction: "up" | "down",
  hook: ((frame: Frame) => readonly Frame[]) | undefined,
): void {
  if (place === "relay") relay.hooks[direction === "up" ? "upFrame" : "downFrame"] = hook;
  // Up is always from the client to the worker; on the worker's link that is down.
  else system.workerLink.setFrameHook(direction === "up" ? "down" : "up", hook);
}

/** On an honest channel to the same terminal: whatever had reached the shell would be done by now. */
async function nothingWasExecuted(
  terminalId: string,
  direction: "up" | "down",
  marker: string,
): Promise<void> {
  // Downwards nobody touched the input, so it may well run.
  if (direction === "down") return;
  const view = makeTerminalView(terminalId);
  await view.attach(honest.terminals);
  // What the victim had half typed is no command: clear the line first.
  view.type("\u0015\r");
  await settle(view);
  expect(existsSync(marker)).toBe(false);
  await view.detach();
}
