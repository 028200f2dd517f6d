/** How a streaming answer ended: whole, with an error, or because whoever read it went away. */
export type StreamEnd =
  | { readonly kind: "whole" }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "left" };

/**
 * An interceptor has the answer of a streaming call before any of its work is done. What has to follow that
 * work waits for the end of the messages: `settle` runs once, and what it throws is what the reader gets.
 */
export async function* followStream<Message>(
  messages: AsyncIterable<Message>,
  signal: AbortSignal,
  settle: (end: StreamEnd) => Promise<void> | void,
): AsyncGenerator<Message> {
  let end: StreamEnd = { kind: "left" };
  try {
    yield* messages;
    // What notices by itself that nobody reads any more ends as if it were whole.
    if (!signal.aborted) end = { kind: "whole" };
  } catch (error) {
    end = { kind: "failed", error };
    throw error;
  } finally {
    await settle(end);
  }
}
