/** The token in what somebody pasted: alone, or at the end of a whole address. */
export function readToken(text: string): string | undefined {
  return /(?:^|#)(lmi_[A-Za-z0-9_-]{43})$/.exec(text.trim())?.[1];
}
