/** Where a page of tokens ended. Opaque to callers, and read as strictly as anything that comes from outside. */
export interface TokenPlace {
  readonly createdAtMs: number;
  readonly tokenId: string;
}

const form = /^(\d{1,15}) (tok_[\w-]{22})$/;

export function encodeTokenCursor(row: {
  readonly created_at_ms: number;
  readonly token_id: string;
}): string {
  return Buffer.from(`${row.created_at_ms} ${row.token_id}`).toString("base64url");
}

/** Null: the first page. Undefined: none of ours. */
export function decodeTokenCursor(cursor: string): TokenPlace | null | undefined {
  if (cursor === "") return null;
  if (cursor.length > 128) return undefined;
  const found = form.exec(Buffer.from(cursor, "base64url").toString());
  if (found === null) return undefined;
  return { createdAtMs: Number(found[1]), tokenId: found[2] ?? "" };
}
