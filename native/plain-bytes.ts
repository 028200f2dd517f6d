/**
 * A Buffer as the plain array that `shared` expects, without a copy: `slice` of a Buffer shares its
 * memory, and keys that are zeroed after being copied with it would be zeroed with the copy.
 */
export function plainBytes(buffer: Buffer<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
