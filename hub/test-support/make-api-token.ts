import type { NewApiToken } from "../store/api-tokens.ts";

/** Of ann, good until 100, with refresh tokens until 900. */
export const makeApiToken = (id: string, change: Partial<NewApiToken> = {}): NewApiToken => ({
  token_id: id,
  kind: "api",
  user_id: "usr_ann",
  client_name: id,
  scopes: "read",
  issued_by: "usr_ann",
  parent_token_id: null,
  access_hash: `access of ${id}`,
  access_expires_at_ms: 100,
  created_at_ms: 0,
  last_used_at_ms: 0,
  expires_at_ms: 900,
  ends_at_ms: 1_000,
  refresh_hash: `${id} 1`,
  ...change,
});
