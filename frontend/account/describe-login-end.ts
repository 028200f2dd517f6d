import type { LoginEnd } from "@leapmux/shared/client/link-state.ts";

export interface LoginEndWords {
  readonly title: string;
  readonly text: string;
  /** The account is still there. */
  readonly canLogIn: boolean;
}

const goesOn = "Your terminals go on running.";

const words: Readonly<Record<LoginEnd, Omit<LoginEndWords, "canLogIn">>> = {
  logged_out: { title: "You logged out", text: `In another window of this browser. ${goesOn}` },
  ended_by_user: {
    title: "You were logged out on another device",
    text: `Somebody ended this login from your account. If that was not you, log in and change your password. ${goesOn}`,
  },
  ended_by_admin: { title: "An admin ended your logins", text: `You can log in again. ${goesOn}` },
  password_changed: {
    title: "Your password was changed",
    text: `That ended all logins but the one where it was changed. If that was not you, tell an admin. ${goesOn}`,
  },
  password_reset: {
    title: "An admin reset your password",
    text: `Open the link that you get from the admin to set a new one. ${goesOn}`,
  },
  account_deleted: {
    title: "This account was deleted",
    text: "Its workspaces, workers and devices went with it.",
  },
  expired: { title: "Your login has expired", text: `It was not used for too long. ${goesOn}` },
  refresh_reused: {
    title: "This token was used twice",
    text: `Somebody else may have it, so it was revoked. Make a new one. ${goesOn}`,
  },
  unknown: { title: "You are not logged in any more", text: goesOn },
};

export function describeLoginEnd(reason: LoginEnd): LoginEndWords {
  return { ...words[reason], canLogIn: reason !== "account_deleted" };
}
