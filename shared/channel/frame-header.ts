/**
 * The two small inputs of the cipher that every frame has beside its key: nonce and associated data.
 * Each sealer and opener owns one and overwrites it, so that the hot path allocates nothing here.
 */
export interface FrameHeader {
  /** 4 zero bytes || counter, 8 bytes little-endian (Noise §12.3, ChaChaPoly). */
  readonly nonce: Uint8Array;
  /** flags || correlation id, 8 bytes big-endian (protocol §4). */
  readonly associatedData: Uint8Array;
  set(counter: number, flags: number, correlationId: bigint): void;
}

export function makeFrameHeader(): FrameHeader {
  const nonce = new Uint8Array(12);
  const associatedData = new Uint8Array(9);
  const nonceView = new DataView(nonce.buffer);
  const associatedDataView = new DataView(associatedData.buffer);
  return {
    nonce,
    associatedData,
    set(counter, flags, correlationId) {
      // Counters stay below 2^32 (hardNonceLimit): the upper half is always zero.
      nonceView.setUint32(4, counter, true);
      associatedDataView.setUint8(0, flags);
      associatedDataView.setBigUint64(1, correlationId);
    },
  };
}
