import { createClient } from "@connectrpc/connect";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { createSignal } from "solid-js";
import { useApp } from "../app/use-app.ts";
import { Dialog } from "../ui/dialog.tsx";
import { SectionPanel, SectionTabs } from "../ui/section-tabs.tsx";
import { InvitationsSection } from "./invitations-section.tsx";
import { UsersSection } from "./users-section.tsx";

const sections = [
  { id: "people-users", label: "Users" },
  { id: "people-invitations", label: "Invitations" },
];

/** The accounts of others, for admins. */
export function PeopleDialog() {
  const app = useApp();
  const client = createClient(AdminService, app.hub.transport);
  const [selected, select] = createSignal(sections[0]!.id);
  return (
    <Dialog open title="People" size="large" layout="sections" onClose={app.dialogs.close}>
      <SectionTabs
        label="Parts of people"
        sections={sections}
        selected={selected()}
        select={select}
      />
      <SectionPanel id="people-users" selected={selected()}>
        <UsersSection client={client} invite={() => select("people-invitations")} />
      </SectionPanel>
      <SectionPanel id="people-invitations" selected={selected()}>
        <InvitationsSection client={client} />
      </SectionPanel>
    </Dialog>
  );
}
