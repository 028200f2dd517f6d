// The words of a worker's key, to be compared with those that a browser shows when it meets the worker
// for the first time (protocol §2). Loaded after the start: the words and their hash need not delay it.
import { nativeScrypt } from "@leapmux/native/native-scrypt.ts";
import { fingerprint, formatWords } from "@leapmux/shared/identity/fingerprint.ts";
import type { Output } from "./output.ts";

/** Takes about 0.1 s, on the thread pool. */
export async function printFingerprint(
  compositePublicKey: Uint8Array,
  output: Pick<Output, "print">,
): Promise<void> {
  const { longWords } = await fingerprint(compositePublicKey, nativeScrypt);
  output.print(`Fingerprint: ${formatWords(longWords)} (the first four are the short form)`);
}
