import {
  create,
  type DescMessage,
  type DescMethodServerStreaming,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { readRefusal } from "./call-hub.ts";
import { makeRefusalError } from "./hub-transport.ts";

/**
 * One Connect call to the hub whose answer comes in parts; only administration has some, so it loads with
 * that. The answer is hostile: each part is bounded before it is read, and one that ends without saying how
 * is a failure, so that half a file is never taken for a whole one.
 */
const maxPartBytes = 4 * 1024 * 1024;
const headBytes = 5;
const compressed = 1;
const endOfStream = 2;

export async function* streamHub<I extends DescMessage, O extends DescMessage>(
  method: DescMethodServerStreaming<I, O>,
  request: MessageInitShape<I>,
  signal: AbortSignal,
  fetchUrl: typeof fetch = fetch,
): AsyncGenerator<MessageShape<O>> {
  const answer = await fetchUrl(`${location.origin}/${method.parent.typeName}/${method.name}`, {
    method: "POST",
    headers: { "content-type": "application/connect+proto", "connect-protocol-version": "1" },
    body: frame(toBinary(method.input, create(method.input, request))),
    signal,
    redirect: "error",
  }).catch(() => {
    throw fail("unavailable", "the hub cannot be reached");
  });
  const type = answer.headers.get("content-type");
  if (!answer.ok || type !== "application/connect+proto" || answer.body === null) {
    throw fail("unavailable", `the hub answered with HTTP status ${answer.status}`);
  }
  for await (const { flags, bytes } of readFrames(answer.body)) {
    if ((flags & compressed) !== 0) throw fail("internal", "the hub's answer cannot be read");
    if ((flags & endOfStream) === 0) {
      yield fromBinary(method.output, bytes);
      continue;
    }
    const end: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const refusal = readRefusal(Reflect.get(Object(end), "error"));
    if (refusal) throw makeRefusalError(refusal);
    return;
  }
  throw fail("unavailable", "the hub's answer broke off");
}

function fail(code: string, message: string): Error {
  return makeRefusalError({ code, message, reason: undefined, retryAfterMs: 0 });
}

function frame(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(headBytes + message.length);
  new DataView(whole.buffer).setUint32(1, message.length);
  whole.set(message, headBytes);
  return whole;
}

async function* readFrames(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<{ flags: number; bytes: Uint8Array }> {
  const reader = body.getReader();
  let rest = new Uint8Array(0);
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw fail("unavailable", "the hub's answer broke off");
      });
      if (done) return;
      const joined = new Uint8Array(rest.length + value.length);
      joined.set(rest);
      joined.set(value, rest.length);
      rest = joined;
      while (rest.length >= headBytes) {
        const length = new DataView(rest.buffer, rest.byteOffset).getUint32(1);
        if (length > maxPartBytes) throw fail("internal", "the hub's answer is too large");
        if (rest.length < headBytes + length) break;
        yield { flags: rest[0]!, bytes: rest.slice(headBytes, headBytes + length) };
        rest = rest.slice(headBytes + length);
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
