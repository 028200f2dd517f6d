import { createClient } from "@connectrpc/connect";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { AuditAdminService } from "@leapmux/proto/hub/v1/admin_audit_pb.ts";
import { KeyAdminService } from "@leapmux/proto/hub/v1/admin_keys_pb.ts";
import { SettingsAdminService } from "@leapmux/proto/hub/v1/admin_settings_pb.ts";
import { createSignal, For, onMount, Show } from "solid-js";
import { AccountSection } from "../account/account-section.tsx";
import { useApp } from "../app/use-app.ts";
import { Dot } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { AdminLoading } from "./admin-loading.tsx";
import { createAdminSubmission } from "./admin-submission.ts";
import { type Finding, judgeHealth } from "./judge-health.ts";

/** What the hub can tell of itself; `leapmux doctor` on its machine looks deeper. */
export function HealthSection(props: { show(section: Finding["section"]): void }) {
  const app = useApp();
  const { transport } = app.hub;
  const submission = createAdminSubmission();
  const [findings, setFindings] = createSignal<readonly Finding[]>();

  async function read(): Promise<void> {
    const [keys, audit, settings, people] = await Promise.all([
      createClient(KeyAdminService, transport).getKeyStatus({}),
      createClient(AuditAdminService, transport).listAudit({ limit: 1 }),
      createClient(SettingsAdminService, transport).listSettings({}),
      createClient(AdminService, transport).listUsers({}),
    ]);
    const isExposed = app.system()?.exposed ?? false;
    const nowMs = Date.now();
    setFindings(
      judgeHealth({ keys, audit, settings: settings.settings, people, isExposed, nowMs }),
    );
  }
  onMount(() => void submission.run(read));

  return (
    <AccountSection
      title={`LeapMux ${app.system()?.version ?? ""}`}
      text={
        <>
          What the hub can tell of itself. <code>leapmux doctor</code> on its machine looks deeper.
        </>
      }
      action={
        <Button busy={submission.busy()} onClick={() => void submission.run(read)}>
          Look again
        </Button>
      }
    >
      <Show when={findings()} fallback={<AdminLoading of={submission} again={read} />}>
        {(list) => (
          <ul class="health-list">
            <For each={list()}>
              {(finding) => (
                <li class="health-row">
                  <Dot
                    tone={finding.isFine ? "ok" : "warn"}
                    label={finding.isFine ? "Fine" : "To do"}
                  />
                  <span class="health-name">{finding.name}</span>
                  <span class="health-text">{finding.text}</span>
                  <Button
                    variant="quiet"
                    aria-label={`Show ${finding.name}`}
                    onClick={() => props.show(finding.section)}
                  >
                    Show
                  </Button>
                </li>
              )}
            </For>
          </ul>
        )}
      </Show>
    </AccountSection>
  );
}
