/**
 * How many bytes at the end belong to a UTF-8 character that is not whole yet: 0 to 3. Terminals must not be
 * given a character in two pieces: xterm.js loses those whose second byte is 0x80 when it is cut after it.
 */
export function countUnfinishedBytes(bytes: Uint8Array): number {
  const most = Math.min(3, bytes.length);
  for (let count = 1; count <= most; count++) {
    const byte = bytes[bytes.length - count] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    if (byte < 0xc2 || byte > 0xf4) return 0;
    const wanted = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return wanted > count ? count : 0;
  }
  return 0;
}
