import { LoginEndReason } from "@leapmux/proto/hub/v1/client_link_pb.ts";

export interface LoginEndWords {
  readonly title: string;
  readonly text: string;
  /** The account is still there. */
  readonly canLogIn: boolean;
}

const goesOn = "Your terminals go on running.";

const words: ReadonlyMap<LoginEndReason, Omit<LoginEndWords, "canLogIn">> = new Map([
  [
    LoginEndReason.LOGGED_OUT,
    { title: "You logged out", text: `In another window of this browser. ${goesOn}` },
  ],
  [
    LoginEndReason.ENDED_BY_USER,
    {
      title: "You were logged out on another device",
      text: `Somebody ended this login from your account. If that was not you, log in and change your password. ${goesOn}`,
    },
  ],
  [
    LoginEndReason.ENDED_BY_ADMIN,
    { title: "An admin ended your logins", text: `You can log in again. ${goesOn}` },
  ],
  [
    LoginEndReason.PASSWORD_CHANGED,
    {
      title: "Your password was changed",
      text: `That ended all logins but the one where it was changed. If that was not you, tell an admin. ${goesOn}`,
    },
  ],
  [
    LoginEndReason.PASSWORD_RESET,
    {
      title: "An admin reset your password",
      text: `Open the link that you get from the admin to set a new one. ${goesOn}`,
    },
  ],
  [
    LoginEndReason.ACCOUNT_DELETED,
    {
      title: "This account was deleted",
      text: "Its workspaces, workers and devices went with it.",
    },
  ],
  [
    LoginEndReason.EXPIRED,
    { title: "Your login has expired", text: `It was not used for too long. ${goesOn}` },
  ],
]);

export function describeLoginEnd(reason: LoginEndReason): LoginEndWords {
  const found = words.get(reason) ?? { title: "You are not logged in any more", text: goesOn };
  return { ...found, canLogIn: reason !== LoginEndReason.ACCOUNT_DELETED };
}
