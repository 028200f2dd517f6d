import { expect, test } from "vitest";
import { makeFakeRelay } from "../test-support/fake-links.ts";
import { makeAnnounceChange } from "./announce-change.ts";

test("what changes together is told together, to the user's clients only", () => {
  const { relay, clock, client } = makeFakeRelay();
  const announce = makeAnnounceChange(relay);
  const [own, window, other] = [client("l1"), client("l2"), client("l3", "bob")];
  announce("ann", { workspaceIds: ["w1"] });
  announce("ann", { workspaceIds: ["w1", "w2"] });
  announce("ann", { workers: true });
  expect(own.changes).toEqual([]);
  clock.advance(50);
  const change = { workers: true, workspaces: false, workspaceIds: ["w1", "w2"] };
  expect(own.changes).toMatchObject([change]);
  expect(window.changes).toMatchObject([change]);
  expect(other.changes).toEqual([]);
  clock.advance(1_000);
  expect(own.changes).toHaveLength(1);
  announce("ann", { workspaces: true });
  clock.advance(50);
  expect(own.changes).toHaveLength(2);
});
