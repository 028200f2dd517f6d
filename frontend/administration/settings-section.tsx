import { ConnectError, createClient } from "@connectrpc/connect";
import { type Setting, SettingsAdminService } from "@leapmux/proto/hub/v1/admin_settings_pb.ts";
import { createMemo, createSignal, For, onMount, Show } from "solid-js";
import { AccountSection } from "../account/account-section.tsx";
import { SubmissionNotice } from "../account/submission-notice.tsx";
import { useApp } from "../app/use-app.ts";
import { Button } from "../ui/button.tsx";
import { createNow } from "../ui/create-now.ts";
import { AdminLoading } from "./admin-loading.tsx";
import { createAdminSubmission } from "./admin-submission.ts";
import {
  describeValue,
  groupOfSetting,
  type SettingGroup,
  splitMessage,
} from "./describe-setting.ts";
import { type SettingDrafts, undoOf } from "./setting-drafts.ts";
import { SettingRow } from "./setting-row.tsx";

const groups: readonly SettingGroup[] = ["Accounts and logins", "Limits", "Mail"];

interface RowMessage {
  readonly text: string;
  readonly isConflict: boolean;
}

/** How the hub behaves. What is typed is saved together, because some settings only make sense so. */
export function SettingsSection(props: { drafts: SettingDrafts }) {
  const client = createClient(SettingsAdminService, useApp().hub.transport);
  const submission = createAdminSubmission();
  const [settings, setSettings] = createSignal<readonly Setting[]>();
  const [messages, setMessages] = createSignal<ReadonlyMap<string, RowMessage>>(new Map());
  const [done, setDone] = createSignal<{ text: string; undo?: (() => void) | undefined }>();
  const now = createNow(30_000);
  const { drafts } = props;

  async function read(): Promise<readonly Setting[]> {
    const answer = await client.listSettings({});
    setSettings(answer.settings);
    return answer.settings;
  }
  onMount(() => void submission.run(read));

  const find = (name: string) => settings()?.find((setting) => setting.name === name);
  const named = (names: readonly string[]) => names.flatMap((name) => find(name) ?? []);
  const unsaved = () => drafts.names().length;
  const namesIn = (group: SettingGroup) =>
    (settings() ?? []).filter((each) => groupOfSetting(each) === group).map(({ name }) => name);

  function clear(): void {
    submission.clear();
    setDone(undefined);
    setMessages(new Map());
  }
  function drop(names: readonly string[]): void {
    drafts.drop(names);
    clear();
  }

  /** What the hub says of one setting stands beside that one, the rest above the buttons. */
  async function change(names: readonly string[], make: () => Promise<unknown>): Promise<boolean> {
    try {
      await make();
      return true;
    } catch (error) {
      const split = splitMessage(ConnectError.from(error).rawMessage, names);
      if (split === undefined) throw error;
      setMessages(new Map([[split.name, { text: split.text, isConflict: false }]]));
      return false;
    }
  }

  async function save(): Promise<void> {
    clear();
    const conflicts = drafts.takeConflicts(await read());
    if (conflicts.length > 0) {
      setMessages(new Map(conflicts.map((each) => [each.name, conflictOf(each)])));
      return;
    }
    const names = drafts.names();
    const before = named(names);
    const wanted = names.map((name) => ({ name, value: drafts.find(name) ?? "" }));
    if (!(await change(names, () => client.setSettings({ settings: wanted })))) return;
    drafts.drop(names);
    await read();
    tell(names.length === 1 ? "The setting is saved." : "The settings are saved.", before);
  }

  async function reset(name: string): Promise<void> {
    clear();
    const before = named([name]);
    if (!(await change([name], () => client.resetSettings({ names: [name] })))) return;
    await read();
    tell("The setting is as it is built in.", before);
  }

  /** In here: what lies outside of a modal dialog can neither be read nor reached. */
  function tell(text: string, before: readonly Setting[]): void {
    const undo = undoOf(before);
    const back = async (): Promise<void> => {
      setDone(undefined);
      if (undo && undo.set.length > 0) await client.setSettings({ settings: undo.set });
      if (undo && undo.reset.length > 0) await client.resetSettings({ names: undo.reset });
      await read();
      setDone({ text: "It is as it was." });
    };
    setDone({ text, undo: undo && (() => void submission.run(back)) });
  }

  const byGroup = createMemo(() =>
    groups
      .map((title) => ({ title, names: namesIn(title) }))
      .filter(({ names }) => names.length > 0),
  );

  return (
    <>
      <Show when={settings()} fallback={<AdminLoading of={submission} again={read} />}>
        <For each={byGroup()}>
          {({ title, names }) => (
            <AccountSection title={title}>
              <ul class="setting-list">
                <For each={names}>
                  {(name) => (
                    <Show when={find(name)}>
                      {(setting) => (
                        <SettingRow
                          setting={setting()}
                          nowMs={now()}
                          draft={drafts.find(name)}
                          message={messages().get(name)}
                          busy={submission.busy()}
                          edit={(text) => {
                            setDone(undefined);
                            drafts.edit(setting(), text);
                          }}
                          drop={() => drop([name])}
                          reset={() => void submission.run(() => reset(name))}
                        />
                      )}
                    </Show>
                  )}
                </For>
              </ul>
            </AccountSection>
          )}
        </For>
        <div
          class="setting-bar"
          data-shown={unsaved() > 0 || done() || submission.failure() ? "" : undefined}
        >
          <SubmissionNotice of={submission} />
          <Show when={done()}>
            {(news) => (
              <div class="account-form-row">
                <span class="setting-bar-text" role="status">
                  {news().text}
                </span>
                <Show when={news().undo}>
                  {(undo) => <Button onClick={() => undo()()}>Undo</Button>}
                </Show>
                <Button variant="quiet" onClick={() => setDone(undefined)}>
                  Dismiss
                </Button>
              </div>
            )}
          </Show>
          <Show when={unsaved() > 0}>
            <div class="account-form-row">
              <span class="setting-bar-text" role="status">
                {unsaved() === 1 ? "1 change is not saved." : `${unsaved()} changes are not saved.`}
              </span>
              <Button variant="quiet" onClick={() => drop(drafts.names())}>
                Discard all
              </Button>
              <Button
                variant="primary"
                busy={submission.busy()}
                onClick={() => void submission.run(save)}
              >
                Save
              </Button>
            </div>
          </Show>
        </div>
      </Show>
    </>
  );
}

function conflictOf(setting: Setting): RowMessage {
  const who = setting.changedBy === "" ? "Somebody" : setting.changedBy;
  const what = setting.secret ? "another one" : describeValue(setting.kind, setting.value);
  return {
    text: `${who} changed this to ${what} meanwhile. Save again to put yours in its place, or discard yours.`,
    isConflict: true,
  };
}
