import { createSignal, Show } from "solid-js";
import { useApp } from "../app/use-app.ts";
import { Dialog } from "../ui/dialog.tsx";
import { SectionPanel, SectionTabs } from "../ui/section-tabs.tsx";
import { createAccountCalls } from "./account-calls.ts";
import { DeleteAccount } from "./delete-account.tsx";
import { IdentitiesSection } from "./identities-section.tsx";
import { LoginsSection } from "./logins-section.tsx";
import { PasskeysSection } from "./passkeys-section.tsx";
import { ChangePassword, DisplayName } from "./profile-section.tsx";
import { TokensSection } from "./tokens-section.tsx";
import { TotpSection } from "./totp-section.tsx";

const sections = [
  { id: "account-profile", label: "Profile" },
  { id: "account-logins", label: "Logins" },
  { id: "account-factors", label: "Second factor" },
  { id: "account-tokens", label: "API tokens" },
];

/** One's own account. */
export function AccountDialog() {
  const app = useApp();
  const calls = createAccountCalls(app);
  const [selected, select] = createSignal(sections[0]!.id);

  return (
    <Show when={app.account()}>
      {(account) => (
        <Dialog open title="Account" size="medium" layout="sections" onClose={app.dialogs.close}>
          <SectionTabs
            label="Parts of the account"
            sections={sections}
            selected={selected()}
            select={select}
          />
          <SectionPanel id="account-profile" selected={selected()}>
            <DisplayName account={account()} calls={calls} />
            <ChangePassword account={account()} calls={calls} />
            <IdentitiesSection account={account()} calls={calls} />
            <DeleteAccount account={account()} />
          </SectionPanel>
          <SectionPanel id="account-logins" selected={selected()}>
            <LoginsSection calls={calls} />
          </SectionPanel>
          <SectionPanel id="account-factors" selected={selected()}>
            <TotpSection account={account()} calls={calls} />
            <PasskeysSection account={account()} calls={calls} />
          </SectionPanel>
          <SectionPanel id="account-tokens" selected={selected()}>
            <TokensSection account={account()} calls={calls} />
          </SectionPanel>
        </Dialog>
      )}
    </Show>
  );
}
