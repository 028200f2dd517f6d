import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { describeFailure } from "../workspace/describe-failure.ts";
import type { Action } from "./actions.ts";
import type { AppContext } from "./context.ts";

export function accountActions(app: AppContext): Action[] {
  const group = "Account";
  // Solo has somebody too, but no account that could be changed.
  const hasAccount = () => !app.isSolo() && app.account() !== undefined;
  return [
    {
      id: "account.open",
      name: "Account…",
      group,
      keys: [],
      when: hasAccount,
      run: () => app.dialogs.open({ kind: "account" }),
    },
    {
      id: "account.administration",
      name: "Administration…",
      group,
      keys: [],
      when: () => hasAccount() && app.account()?.role === Role.ADMIN,
      run: () => app.dialogs.open({ kind: "administration" }),
    },
    {
      id: "account.log-out",
      name: "Log out",
      group,
      keys: [],
      when: hasAccount,
      run: () => {
        logOut(app).catch((error: unknown) =>
          app.toasts.show({ text: describeFailure(error), tone: "danger" }),
        );
      },
    },
  ];
}

async function logOut(app: AppContext): Promise<void> {
  const { logOut: end } = await import("../account/log-out.ts");
  await app.entry.leave(() => end(app.entry.transport), "You are logged out.");
}
