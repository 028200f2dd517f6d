import { nodeClock } from "@leapmux/native/node-platform.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeAnnouncedCaller } from "../dispatch/caller.ts";
import { scopeTerminals } from "./scoped-terminals.ts";
import { startTestWorker, type TestWorker, testUser } from "./test-terminals.ts";
import { watchTerminals } from "./watch-terminals.ts";

let worker: TestWorker;
beforeEach(async () => {
  worker = await startTestWorker();
});
afterEach(() => worker.stop());

function watch(userId: string, workspaceId: string, signal: AbortSignal) {
  const { terminals } = worker;
  const scoped = scopeTerminals(terminals, makeAnnouncedCaller(userId));
  return watchTerminals({ scoped, workspaceId, clock: nodeClock, signal });
}

test("all that is there, then each change, of this user and workspace alone", async () => {
  await worker.open("a");
  await worker.open("elsewhere", { workspaceId: "other" });
  const controller = new AbortController();
  const events = watch(testUser, "w", controller.signal);
  const strangers = watch("user-2", "", controller.signal);
  const next = async () => (await events.next()).value?.body;
  expect(await next()).toMatchObject({ case: "terminal", value: { terminalId: "a" } });
  expect(await next()).toMatchObject({ case: "complete" });
  expect((await strangers.next()).value?.body).toMatchObject({ case: "complete" });
  const nothing = strangers.next();

  worker.terminals.get(testUser, "elsewhere").rename("not here");
  const terminal = worker.terminals.get(testUser, "a");
  for (const title of ["one", "two", "three"]) terminal.rename(title);
  let told;
  do told = await next();
  while (told?.case === "terminal" && told.value.title !== "three");
  expect(told).toMatchObject({ case: "terminal", value: { terminalId: "a", title: "three" } });

  await worker.terminals.close(testUser, "a");
  do told = await next();
  while (told?.case === "terminal");
  expect(told).toEqual({ case: "closedTerminalId", value: "a" });

  const end = events.next();
  controller.abort();
  expect((await end).done).toBe(true);
  expect((await nothing).done).toBe(true);
});
