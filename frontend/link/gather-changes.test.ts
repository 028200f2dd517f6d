import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, it } from "vitest";
import { makeChangeGatherer } from "./gather-changes.ts";
import type { ControlPlaneChange } from "@leapmux/shared/client/link-state.ts";

const change = (part: Partial<ControlPlaneChange>): ControlPlaneChange => ({
  workers: false,
  workspaces: false,
  workspaceIds: [],
  account: false,
  devices: false,
  registrations: false,
  ...part,
});

function setUp() {
  const clock = makeManualClock();
  const told: ControlPlaneChange[] = [];
  return { clock, told, gather: makeChangeGatherer(clock, (each) => told.push(each)) };
}

it("tells the first change at once and puts a flood together", () => {
  const { clock, told, gather } = setUp();
  gather(change({ workers: true }));
  expect(told).toEqual([change({ workers: true })]);
  for (let i = 0; i < 1000; i++) gather(change({ workspaceIds: [`w${i % 3}`] }));
  gather(change({ workspaces: true }));
  expect(told).toHaveLength(1);
  clock.advance(100);
  expect(told).toHaveLength(2);
  expect(told[1]).toEqual(change({ workspaces: true, workspaceIds: ["w0", "w1", "w2"] }));
  gather(change({ account: true }));
  gather(change({ devices: true }));
  gather(change({ registrations: true }));
  clock.advance(1000);
  expect(told.slice(2)).toEqual([change({ account: true, devices: true, registrations: true })]);
});

it("names all workspaces rather than keep endlessly many", () => {
  const { clock, told, gather } = setUp();
  gather(change({ workers: true }));
  for (let i = 0; i < 10_000; i++) gather(change({ workspaceIds: [`w${i}`] }));
  clock.advance(100);
  expect(told[1]!.workspaces).toBe(true);
  expect(told[1]!.workspaceIds.length).toBe(4096);
});
