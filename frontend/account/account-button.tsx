import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import LogOut from "lucide-solid/icons/log-out";
import ShieldUser from "lucide-solid/icons/shield-user";
import UserRound from "lucide-solid/icons/user-round";
import { Show } from "solid-js";
import { useApp } from "../app/use-app.ts";
import { type MenuEntry, openMenu } from "../ui/menu.tsx";
import "./account-button.css";

/** Who is logged in, and the menu of what can be done about it. */
export function AccountButton(props: { collapsed: boolean }) {
  const app = useApp();
  const { account } = app;
  const name = () => account()?.displayName || account()?.username || "";
  const isAdmin = () => account()?.role === Role.ADMIN;

  function entries(): MenuEntry[] {
    const choose = (id: string) => () => {
      app.layout.closeSidebarOverlay();
      app.actions.run(id);
    };
    return [
      { kind: "note", text: `${account()?.username} · ${isAdmin() ? "admin" : "user"}` },
      { kind: "item", label: "Account…", icon: UserRound, select: choose("account.open") },
      ...(isAdmin()
        ? ([
            {
              kind: "item",
              label: "Administration…",
              icon: ShieldUser,
              select: choose("account.administration"),
            },
          ] as const)
        : []),
      { kind: "separator" },
      { kind: "item", label: "Log out", icon: LogOut, select: choose("account.log-out") },
    ];
  }

  return (
    <Show when={account()}>
      <button
        type="button"
        class="account-button"
        classList={{ "account-button-collapsed": props.collapsed }}
        aria-label={`Account of ${name()}`}
        aria-haspopup="menu"
        data-tooltip={props.collapsed ? name() : undefined}
        onClick={(event) =>
          openMenu({ label: "Account", anchor: event.currentTarget, entries: entries() })
        }
      >
        <span class="account-initial" aria-hidden="true">
          {[...name()][0]}
        </span>
        <Show when={!props.collapsed}>
          <bdi class="truncate">{name()}</bdi>
        </Show>
      </button>
    </Show>
  );
}
