export const mostUsernameLength = 32;

/** What is wrong with a new user name and what would be right; the hub has the last word. */
export function checkUsername(username: string): string | undefined {
  if (username === "") return "Choose a user name.";
  if (username.length > mostUsernameLength) return `At most ${mostUsernameLength} characters.`;
  if (/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(username)) return undefined;
  if (/[^a-z0-9-]/.test(username)) return "Only small letters, digits and hyphens.";
  return "Hyphens stand single, between letters or digits.";
}
