import type { Logger } from "pino";

/**
 * Ends a registration: the keys and the token first, at once, so that nothing that fails or takes its time
 * leaves them where they are used; then whom the worker trusts, and the shells. True when nothing that could
 * call or be called is left.
 */
export async function endRegistration(options: {
  readonly takeCredentials: () => void;
  /** Absent: they stay with credentials that are only set aside. */
  readonly forgetDevices?: () => Promise<void>;
  readonly stopTerminals: () => Promise<void>;
  readonly logger: Logger;
}): Promise<boolean> {
  const { logger } = options;
  async function attempt(run: () => void | Promise<void>, failure: string): Promise<boolean> {
    try {
      await run();
      return true;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      logger.error({ code }, failure);
      return false;
    }
  }
  const isTaken = await attempt(options.takeCredentials, "the credentials could not be taken away");
  const isForgotten = await attempt(
    () => options.forgetDevices?.(),
    "the devices could not be forgotten",
  );
  await attempt(options.stopTerminals, "the shells could not be ended");
  return isTaken && isForgotten;
}
