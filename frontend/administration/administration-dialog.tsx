import { createClient } from "@connectrpc/connect";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { createEffect, createSignal, type JSX, Show } from "solid-js";
import { InvitationsSection } from "../account/invitations-section.tsx";
import { UsersSection } from "../account/users-section.tsx";
import { useApp } from "../app/use-app.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Notice } from "../ui/notice.tsx";
import { SectionPanel, SectionTabs } from "../ui/section-tabs.tsx";
import { AllLoginsSection } from "./all-logins-section.tsx";
import { AllTokensSection } from "./all-tokens-section.tsx";
import { AllWorkersSection } from "./all-workers-section.tsx";
import { AuditSection } from "./audit-section.tsx";
import { HealthSection } from "./health-section.tsx";
import { KeysSection } from "./keys-section.tsx";
import { createSettingDrafts } from "./setting-drafts.ts";
import { SettingsSection } from "./settings-section.tsx";
import "./administration.css";

/** Everything that an admin of the hub looks after. A part is asked for when it is first shown. */
export function AdministrationDialog() {
  const app = useApp();
  const client = createClient(AdminService, app.hub.transport);
  const drafts = createSettingDrafts();
  const sections: readonly { id: string; label: string; show(): JSX.Element }[] = [
    {
      id: "admin-users",
      label: "Users",
      show: () => <UsersSection client={client} invite={() => select("admin-invitations")} />,
    },
    {
      id: "admin-invitations",
      label: "Invitations",
      show: () => <InvitationsSection client={client} />,
    },
    { id: "admin-logins", label: "Logins", show: () => <AllLoginsSection /> },
    { id: "admin-workers", label: "Workers", show: () => <AllWorkersSection /> },
    { id: "admin-tokens", label: "API tokens", show: () => <AllTokensSection /> },
    { id: "admin-settings", label: "Settings", show: () => <SettingsSection drafts={drafts} /> },
    { id: "admin-audit", label: "Audit", show: () => <AuditSection /> },
    { id: "admin-keys", label: "Keys", show: () => <KeysSection /> },
    { id: "admin-health", label: "Health", show: () => <HealthSection show={select} /> },
  ];
  const [selected, select] = createSignal(sections[0]!.id);
  const [isWarned, setWarned] = createSignal(false);
  const isAdmin = () => app.account()?.role === Role.ADMIN;
  createEffect(() => drafts.names().length === 0 && setWarned(false));

  /** What is typed and not saved is lost only by whoever was told. */
  function close(): void {
    if (!isAdmin() || drafts.names().length === 0 || isWarned()) return app.dialogs.close();
    setWarned(true);
    select("admin-settings");
  }

  return (
    <Dialog open title="Administration" size="large" layout="sections" onClose={close}>
      <Show
        when={isAdmin()}
        fallback={
          <EmptyState
            title="You are not an admin any more"
            text="Another admin took the role away. Your own account, workspaces and workers stay as they are."
          >
            <Button variant="primary" onClick={app.dialogs.close}>
              Close
            </Button>
          </EmptyState>
        }
      >
        <SectionTabs
          label="Parts of the administration"
          sections={sections}
          selected={selected()}
          select={select}
        />
        <Show when={isWarned()}>
          <div class="administration-warning">
            <Notice tone="warn">
              Settings are not saved. Save or discard them, or close once more to lose them.
            </Notice>
          </div>
        </Show>
        {sections.map(({ id, show }) => (
          <SectionPanel id={id} selected={selected()}>
            {show()}
          </SectionPanel>
        ))}
      </Show>
    </Dialog>
  );
}
