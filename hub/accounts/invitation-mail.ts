/**
 * What somebody reads who is invited, or whose password is to be set anew. Whatever people chose has a form
 * that cannot steer anything: user names are letters, digits and hyphens.
 */
export function writeInvitationMail(invitation: {
  /** With the token behind its `#`. */
  readonly url: string;
  /** A user name; empty where the hub itself invites. */
  readonly invitedBy: string;
  /** A user name; empty where an account is made. */
  readonly resetsUsername: string;
  readonly expiresAtMs: number;
}): { readonly subject: string; readonly text: string } {
  const { url, invitedBy, resetsUsername, expiresAtMs } = invitation;
  const host = new URL(url).host;
  const until = new Date(expiresAtMs).toISOString().slice(0, 16).replace("T", " ");
  const isReset = resetsUsername !== "";
  const who = invitedBy === "" ? "You are invited" : `${invitedBy} invites you`;
  const what = isReset
    ? `The password of ${resetsUsername} at LeapMux on ${host} is to be set anew. Open this link to choose one:`
    : `${who} to LeapMux on ${host}. Open this link to choose a user name and a password:`;
  const lines = [
    what,
    "",
    url,
    "",
    `The link works once, until ${until} UTC, for whoever has it: do not pass it on.`,
    "If you did not expect this mail, do nothing.",
    "",
  ];
  const subject = isReset
    ? `Your password at LeapMux on ${host}`
    : `Invitation to LeapMux on ${host}`;
  return { subject, text: lines.join("\n") };
}
