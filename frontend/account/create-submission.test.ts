import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import { createRoot } from "solid-js";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createSubmission } from "./create-submission.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const refusal = (reason: string, retryAfterMs = 0) =>
  new ConnectError("", Code.FailedPrecondition, {}, [
    { desc: ErrorReasonSchema, value: { reason, retryAfterMs } },
  ]);
const setUp = () => createRoot(() => createSubmission(new Map([["login_refused", "Not here."]])));

it("is busy until the answer and lets nothing through meanwhile", async () => {
  const submission = setUp();
  const answer = Promise.withResolvers<void>();
  const first = submission.run(() => answer.promise);
  expect(submission.busy()).toBe(true);
  const second = vi.fn(() => Promise.resolve());
  await expect(submission.run(second)).resolves.toBe(false);
  expect(second).not.toHaveBeenCalled();
  answer.resolve();
  await expect(first).resolves.toBe(true);
  expect(submission.busy()).toBe(false);
});

it("says what the reason means in this form", async () => {
  const submission = setUp();
  await submission.run(() => Promise.reject(refusal("login_refused")));
  expect(submission.failure()).toBe("Not here.");
  await submission.run(() => Promise.reject(refusal("username_taken")));
  expect(submission.failure()).toMatch(/taken/);
  await submission.run(() => Promise.resolve());
  expect(submission.failure()).toBeUndefined();
});

it("counts down while the hub holds it back, and sends nothing before", async () => {
  const submission = setUp();
  await submission.run(() => Promise.reject(refusal("throttled", 2500)));
  expect(submission.waitSeconds()).toBe(3);
  const early = vi.fn(() => Promise.resolve());
  await expect(submission.run(early)).resolves.toBe(false);
  expect(early).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1500);
  expect(submission.waitSeconds()).toBe(1);
  vi.advanceTimersByTime(1000);
  expect(submission.waitSeconds()).toBe(0);
  expect(submission.failure()).toBeUndefined();
  await expect(submission.run(early)).resolves.toBe(true);
});
