/** For tests: a channel with the echo service served on one end and its client on the other. */
import {
  type Client,
  ConnectError,
  createClient,
  createContextKey,
  createContextValues,
  type ServiceImpl,
} from "@connectrpc/connect";
import { createCallTransport } from "../wire/call-transport.ts";
import { serveCalls } from "../wire/serve-calls.ts";
import { EchoService } from "../wire/test-echo-service.ts";
import { makeTestChannel, type TestChannel } from "./test-channel.ts";

export const bytes = (length: number, value = 7) => new Uint8Array(length).fill(value);

/** What the handlers' context holds: "user". */
export const userKey = createContextKey("nobody");

/** Lets everything that is ready to run do so. */
export async function turn(times = 50): Promise<void> {
  for (let i = 0; i < times; i += 1) await Promise.resolve();
}

export async function makeEcho(
  implementation: Partial<ServiceImpl<typeof EchoService>>,
  options: Parameters<typeof makeTestChannel>[0] = {},
): Promise<{ channel: TestChannel; client: Client<typeof EchoService>; handlerErrors: unknown[] }> {
  const channel = await makeTestChannel({ auto: true, ...options });
  const handlerErrors: unknown[] = [];
  serveCalls(channel.responder.pipe, {
    clock: channel.clock,
    routes: (router) => router.service(EchoService, implementation),
    contextValues: () => createContextValues().set(userKey, "user"),
    onHandlerError: (error) => handlerErrors.push(error),
  });
  const transport = createCallTransport(channel.initiator.pipe, { clock: channel.clock });
  return { channel, client: createClient(EchoService, transport), handlerErrors };
}

/** The ConnectError that it ends with. */
export async function failureOf(promise: Promise<unknown>): Promise<ConnectError> {
  const error: unknown = await promise.then(
    () => new Error("succeeded"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ConnectError)) throw error;
  return error;
}

export async function readAll<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const message of stream) all.push(message);
  return all;
}
