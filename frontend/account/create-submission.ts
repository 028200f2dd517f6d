import { ConnectError } from "@connectrpc/connect";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import { readErrorReason } from "@leapmux/shared/wire/error-reason.ts";
import { batch, createSignal, onCleanup } from "solid-js";
import { describeAccountFailure } from "./describe-account-failure.ts";

/** One form on its way to the hub: busy, refused with a sentence, or held back for a while. */
export interface Submission {
  busy(): boolean;
  failure(): string | undefined;
  /** Whole seconds until the hub listens again; 0: now. */
  waitSeconds(): number;
  /** False where it was refused, or where one is under way or held back. */
  run(submit: () => Promise<unknown>): Promise<boolean>;
  /** Shows a refusal that did not come from the hub. */
  fail(text: string): void;
  clear(): void;
}

/** `sentences`: what a reason means here, where that differs from elsewhere. */
export function createSubmission(sentences: ReadonlyMap<string, string> = new Map()): Submission {
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<string>();
  const [waitSeconds, setWaitSeconds] = createSignal(0);
  let timer: ReturnType<typeof setInterval> | undefined;
  onCleanup(() => clearInterval(timer));

  function holdBack(untilMs: number): void {
    clearInterval(timer);
    const count = () => {
      const left = Math.max(0, Math.ceil((untilMs - Date.now()) / 1000));
      setWaitSeconds(left);
      if (left > 0) return;
      clearInterval(timer);
      setFailure(undefined);
    };
    timer = setInterval(count, 250);
    count();
  }

  return {
    busy,
    failure,
    waitSeconds,
    async run(submit) {
      if (busy() || waitSeconds() > 0) return false;
      setBusy(true);
      setFailure(undefined);
      try {
        await submit();
        return true;
      } catch (error) {
        const waitMs = retryAfterOf(error);
        batch(() => {
          setFailure(sentences.get(reasonOf(error)) ?? describeAccountFailure(error));
          if (waitMs > 0) holdBack(Date.now() + waitMs);
        });
        return false;
      } finally {
        setBusy(false);
      }
    },
    fail: setFailure,
    clear: () => setFailure(undefined),
  };
}

function reasonOf(error: unknown): string {
  return readErrorReason(ConnectError.from(error)) ?? "";
}

function retryAfterOf(error: unknown): number {
  const [reason] = ConnectError.from(error).findDetails(ErrorReasonSchema);
  return reason?.reason === "throttled" ? reason.retryAfterMs : 0;
}
