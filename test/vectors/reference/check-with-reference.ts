import { isDeepStrictEqual } from "node:util";
import { readDeviceVector, writeDeviceVector } from "../device-vector.ts";
import { readHandshakeVector, writeHandshakeVector } from "../handshake-vector.ts";
import { readNoiseNkVector } from "../noise-nk-vector.ts";
import { computeDevices } from "./device-reference.ts";
import { computeHandshake } from "./handshake-reference.ts";
import * as noise from "./noise-reference.ts";

/** The case computed anew from its inputs must be the case, key by key. */
export async function checkHandshakeWithReference(value: unknown): Promise<readonly string[]> {
  const vector = readHandshakeVector(value);
  return differences(
    "",
    Object.entries(writeHandshakeVector(vector)),
    Object.entries(writeHandshakeVector(computeHandshake(vector))),
  );
}

/** As above, for devices. */
export async function checkDevicesWithReference(value: unknown): Promise<readonly string[]> {
  const vector = readDeviceVector(value);
  return differences(
    "",
    Object.entries(writeDeviceVector(vector)),
    Object.entries(writeDeviceVector(computeDevices(vector))),
  );
}

/** Publishes nothing of its own: every message of the case written and read, both ends compared. */
export async function checkNoiseNkWithReference(value: unknown): Promise<readonly string[]> {
  const vector = readNoiseNkVector(value);
  const failures: string[] = [];
  const expect = (field: string, actual: Uint8Array, expected: Uint8Array | undefined): void => {
    if (!expected || !Buffer.from(actual).equals(expected)) failures.push(`${field}: differs`);
  };

  const { initEphemeral, respEphemeral, respStatic, messages } = vector;
  const staticPublic = noise.publicKeyOf(respStatic);
  expect("init_remote_static", staticPublic, vector.initRemoteStatic);

  const client = noise.begin(vector.initPrologue, vector.initRemoteStatic);
  const worker = noise.begin(vector.respPrologue, staticPublic);
  const payload = (index: number): Uint8Array => messages[index]?.payload ?? noise.empty;

  const message1 = noise.writeMessage(client, initEphemeral, staticPublic, payload(0));
  expect("messages[0].ciphertext", message1, messages[0]?.ciphertext);
  expect("messages[0].payload", noise.readMessage(worker, respStatic, message1), payload(0));

  const e1 = message1.subarray(0, 32);
  const message2 = noise.writeMessage(worker, respEphemeral, e1, payload(1));
  expect("messages[1].ciphertext", message2, messages[1]?.ciphertext);
  expect("messages[1].payload", noise.readMessage(client, initEphemeral, message2), payload(1));

  expect("handshake_hash", client.h, vector.handshakeHash);
  expect("handshake_hash", worker.h, vector.handshakeHash);
  const [toResponder, toInitiator] = noise.split(client.ck);
  for (let index = 2; index < messages.length; index++) {
    const key = index % 2 === 0 ? toResponder : toInitiator;
    const counter = BigInt(Math.floor(index / 2) - 1);
    const sealed = noise.seal(key, counter, noise.empty, payload(index));
    expect(`messages[${index}].ciphertext`, sealed, messages[index]?.ciphertext);
  }
  return failures;
}

function differences(
  path: string,
  actual: readonly (readonly [string, unknown])[],
  expected: readonly (readonly [string, unknown])[],
): string[] {
  const wanted = new Map(expected);
  return actual.flatMap(([key, value]) => {
    const other = wanted.get(key);
    if (isDeepStrictEqual(value, other)) return [];
    const nested = typeof value === "object" && typeof other === "object" && value && other;
    return nested
      ? differences(`${path}${key}.`, Object.entries(value), Object.entries(other))
      : [`${path}${key}: differs`];
  });
}
