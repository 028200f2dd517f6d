import { expect, test } from "vitest";
import { writeInvitationMail } from "./invitation-mail.ts";

const invitation = {
  url: "https://hub.example.com/invite#lmi_token",
  invitedBy: "ann",
  expiresAtMs: Date.UTC(2026, 10, 30, 12, 34, 56),
};

test("an invitation says who invites, where to and until when", () => {
  expect(writeInvitationMail(invitation)).toEqual({
    subject: "Invitation to LeapMux on hub.example.com",
    text: `ann invites you to LeapMux on hub.example.com. Open this link to choose a user name and a password:

https://hub.example.com/invite#lmi_token

The link works once, until 2026-11-30 12:34 UTC, for whoever has it: do not pass it on.
If you did not expect this mail, do nothing.
`,
  });
});
