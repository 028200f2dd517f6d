/**
 * The unit that the hub relays (protocol §4). Structurally the protobuf message `leapmux.hub.v1.Frame`,
 * without its library, so that the channel needs to know nothing about encoding.
 */
export interface Frame {
  readonly channelId: string;
  /** Unsigned 64-bit. */
  readonly correlationId: bigint;
  readonly flags: number;
  /** Sealed bytes, or in a close frame the reason in ASCII. */
  readonly ciphertext: Uint8Array;
}

export const flagLast = 0;
export const flagMore = 1;
export const flagClose = 2;
