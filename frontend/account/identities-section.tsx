import type { Account } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import type { Identity } from "@leapmux/proto/hub/v1/account_pb.ts";
import Link from "lucide-solid/icons/link";
import { createSignal, For, onCleanup, onMount, Show } from "solid-js";
import { useApp } from "../app/use-app.ts";
import { Button } from "../ui/button.tsx";
import { DetailRow } from "../ui/detail-row.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import type { AccountCalls } from "./account-calls.ts";
import { AccountSection } from "./account-section.tsx";
import { ConfirmPassword } from "./confirm-password.tsx";
import { createSubmission } from "./create-submission.ts";
import { SubmissionNotice } from "./submission-notice.tsx";

interface Asked {
  readonly kind: "link" | "unlink";
  readonly id: string;
  readonly name: string;
}

/** Accounts at providers with which this one is entered. Nothing where the hub has no provider. */
export function IdentitiesSection(props: { account: Account; calls: AccountCalls }) {
  const { entry } = useApp();
  const reading = createSubmission();
  const [identities, setIdentities] = createSignal<readonly Identity[]>([]);
  const [asked, setAsked] = createSignal<Asked>();
  const ask = (kind: Asked["kind"], id: string, name: string) => setAsked({ kind, id, name });
  const providers = () => entry.system()?.signInProviders ?? [];

  const read = (): void => {
    void reading.run(async () =>
      setIdentities((await props.calls.client.listIdentities({})).identities),
    );
  };
  onMount(read);
  onCleanup(props.calls.onChanged(read));

  async function run(password: string): Promise<void> {
    const wanted = asked();
    if (wanted === undefined) return;
    if (wanted.kind === "link") {
      const { url } = await props.calls.client.startLinking({ providerId: wanted.id, password });
      return location.assign(url);
    }
    await props.calls.client.unlinkIdentity({ identityId: wanted.id, password });
    setAsked(undefined);
    read();
  }

  return (
    <Show when={providers().length > 0 || identities().length > 0}>
      <AccountSection
        title="Linked accounts"
        text="You can sign in here with each of them, as with your password."
      >
        <SubmissionNotice of={reading} />
        <ul class="detail-list">
          <For each={identities()}>
            {(identity) => (
              <DetailRow
                icon={Link}
                title={identity.providerName}
                details={
                  <>
                    {identity.email === "" ? "" : `${identity.email} · `}
                    <time title={exactTime(Number(identity.linkedAtMs))}>
                      linked {relativeTime(Number(identity.linkedAtMs), Date.now())}
                    </time>
                  </>
                }
                actions={
                  <Button
                    variant="quiet"
                    aria-label={`Unlink ${identity.providerName}`}
                    onClick={() => ask("unlink", identity.identityId, identity.providerName)}
                  >
                    Unlink
                  </Button>
                }
              />
            )}
          </For>
        </ul>
        <Show
          when={asked()}
          keyed
          fallback={
            <div class="account-form-row">
              <For each={providers()}>
                {({ providerId, name }) => (
                  <Button onClick={() => ask("link", providerId, name)}>Link {name}</Button>
                )}
              </For>
            </div>
          }
        >
          {(wanted) => (
            <ConfirmPassword
              hasPassword={props.account.hasPassword}
              action={wanted.kind === "link" ? `Go on to ${wanted.name}` : `Unlink ${wanted.name}`}
              danger={wanted.kind === "unlink"}
              run={run}
              cancel={() => setAsked(undefined)}
            />
          )}
        </Show>
      </AccountSection>
    </Show>
  );
}
