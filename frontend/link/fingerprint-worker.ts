import { fingerprint } from "@leapmux/shared/identity/fingerprint.ts";

/** Entry of a thread for one fingerprint: scrypt, the list of words and 32 MiB that end with it. */

// The page's library declares `self` as a window; of the worker's scope only this much is used.
const scope = self as unknown as {
  postMessage(message: unknown): void;
  addEventListener(type: "message", run: (event: MessageEvent<Uint8Array>) => void): void;
};

scope.addEventListener("message", (event) => {
  fingerprint(event.data).then(
    (made) => scope.postMessage(made),
    // Whoever waits hears of it as of any error of this thread.
    (error: unknown) => reportError(error),
  );
});
