import { secret } from "./value-types.ts";

/** Known from elsewhere, and meaningless here: each says why, so that nobody has to guess. */
export const onePool = without(
  "SQLite is called from one thread over one connection, so there is no pool. Leave it out",
);
export const oneMessage = without(
  "the protocol allows one unfinished message per channel and direction. Leave it out",
);
export const noAgents = without("this version runs no agents, so there is nothing to wait for");
export const noWorktrees = without(
  "this version makes no worktrees, so there is nothing to wait for",
);

function without(refused: string) {
  return { kind: secret, description: "Refused", placeholder: "VALUE", refused };
}
