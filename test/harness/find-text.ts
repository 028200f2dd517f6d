/** Where a text is in some bytes, however it may be encoded there. */

export interface Marker {
  readonly name: string;
  /** ASCII, so that each encoding below is unambiguous. */
  readonly text: string;
}

/** Every form in which the text may lie somewhere: raw, UTF-16, hex, base64 at each alignment. */
export function encodingsOf(text: string): ReadonlyMap<string, Buffer> {
  const raw = Buffer.from(text, "utf8");
  const forms = new Map<string, Buffer>([
    ["raw", raw],
    ["utf-16le", Buffer.from(text, "utf16le")],
    ["utf-16be", Buffer.from(text, "utf16le").swap16()],
    ["hex", Buffer.from(raw.toString("hex"))],
    ["HEX", Buffer.from(raw.toString("hex").toUpperCase())],
    ["reversed", Buffer.from(raw.toReversed())],
  ]);
  for (const shift of [0, 1, 2]) {
    for (const [name, encoding] of [
      ["base64", "base64"],
      ["base64url", "base64url"],
    ] as const) {
      const encoded = Buffer.concat([Buffer.alloc(shift), raw])
        .toString(encoding)
        .replace(/=+$/, "");
      // The first and last characters also hold bits of the neighbours.
      const from = Math.ceil((shift * 8) / 6);
      const to = Math.floor(((shift + raw.length) * 8) / 6);
      forms.set(`${name} shifted by ${shift}`, Buffer.from(encoded.slice(from, to)));
    }
  }
  return forms;
}

/** `name of the marker (encoding)` for each one that is there. */
export function findMarkers(bytes: Uint8Array, markers: readonly Marker[]): string[] {
  const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return markers.flatMap(({ name, text }) =>
    [...encodingsOf(text)]
      .filter(([, form]) => haystack.includes(form))
      .map(([encoding]) => `${name} (${encoding})`),
  );
}
