/** Where a page of tokens ended, as the inside of a page token. */
export interface TokenPlace {
  readonly createdAtMs: number;
  readonly tokenId: string;
}

const form = /^(\d{1,15}) (tok_[\w-]{22})$/;

export function tokenPlace(row: {
  readonly created_at_ms: number;
  readonly token_id: string;
}): string {
  return `${row.created_at_ms} ${row.token_id}`;
}

export function isTokenPlace(text: string): boolean {
  return form.test(text);
}

/** Null: from the beginning. */
export function readTokenPlace(text: string): TokenPlace | null {
  const [, createdAtMs, tokenId = ""] = form.exec(text) ?? [];
  return createdAtMs === undefined ? null : { createdAtMs: Number(createdAtMs), tokenId };
}
