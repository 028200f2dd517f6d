/** What somebody reads who is invited. User names are letters, digits and hyphens, so nothing here can steer a mail. */
export function writeInvitationMail(invitation: {
  /** With the token behind its `#`. */
  readonly url: string;
  /** A user name. */
  readonly invitedBy: string;
  readonly expiresAtMs: number;
}): { readonly subject: string; readonly text: string } {
  const { url, invitedBy, expiresAtMs } = invitation;
  const { host } = new URL(url);
  const until = new Date(expiresAtMs).toISOString().slice(0, 16).replace("T", " ");
  const lines = [
    `${invitedBy} invites you to LeapMux on ${host}. Open this link to choose a user name and a password:`,
    "",
    url,
    "",
    `The link works once, until ${until} UTC, for whoever has it: do not pass it on.`,
    "If you did not expect this mail, do nothing.",
    "",
  ];
  return { subject: `Invitation to LeapMux on ${host}`, text: lines.join("\n") };
}
