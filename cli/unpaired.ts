/** What somebody must know whose worker trusts nobody. */
export const unpaired = [
  "no device is paired with this worker, so it refuses everybody.",
  "Open it in a browser once, then approve that browser here:",
  "  leapmux worker devices approve WORDS",
].join("\n");
