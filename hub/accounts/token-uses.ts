import type { ApiTokens } from "../store/api-tokens.ts";
import { touchEveryMs } from "./login-life.ts";

/** When tokens were used last: kept in memory and written together, at most once a minute for all of them. */
export interface TokenUses {
  note(tokenId: string): void;
  /** Writes what has gathered, when it is time. */
  store(isLast?: boolean): Promise<void>;
}

export function makeTokenUses(parts: {
  readonly tokens: ApiTokens;
  readonly wallMs: () => number;
}): TokenUses {
  const { tokens, wallMs } = parts;
  let uses = new Map<string, number>();
  let storedAtMs = -Infinity;
  return {
    note: (tokenId) => void uses.set(tokenId, wallMs()),
    async store(isLast = false) {
      const nowMs = wallMs();
      if (uses.size === 0 || (!isLast && nowMs - storedAtMs < touchEveryMs)) return;
      storedAtMs = nowMs;
      const gathered = uses;
      uses = new Map();
      await tokens.storeUses(gathered);
    },
  };
}
