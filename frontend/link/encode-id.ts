/** Random bytes as an id: base64url without padding (protocol §3). */
export function encodeId(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
