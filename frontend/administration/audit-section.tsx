import { createClient } from "@connectrpc/connect";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { AuditAdminService, type AuditEntry } from "@leapmux/proto/hub/v1/admin_audit_pb.ts";
import { createMemo, createSignal, For, onCleanup, onMount, Show } from "solid-js";
import { AccountSection } from "../account/account-section.tsx";
import { SubmissionNotice } from "../account/submission-notice.tsx";
import { useApp } from "../app/use-app.ts";
import { streamHub } from "../link/stream-hub.ts";
import { Button } from "../ui/button.tsx";
import { createNow } from "../ui/create-now.ts";
import { Field } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { AdminLoading } from "./admin-loading.tsx";
import { createAdminSubmission } from "./admin-submission.ts";
import { AuditTable } from "./audit-table.tsx";
import { describeVerdict, type VerdictWords } from "./describe-audit.ts";
import { readUsernames } from "./read-usernames.ts";
import { saveFile } from "./save-file.ts";

interface Filter {
  readonly who: string;
  readonly action: string;
  readonly target: string;
}
const everything: Filter = { who: "", action: "", target: "" };

/** Who did what, newest first; taken along as a file, and verified by the hub itself. */
export function AuditSection() {
  const app = useApp();
  const client = createClient(AuditAdminService, app.hub.transport);
  const users = createClient(AdminService, app.hub.transport);
  const submission = createAdminSubmission();
  const evidence = createAdminSubmission();
  const [entries, setEntries] = createSignal<readonly AuditEntry[]>();
  const [cursor, setCursor] = createSignal("");
  const [filter, setFilter] = createSignal(everything);
  const [usernames, setUsernames] = createSignal<ReadonlyMap<string, string>>(new Map());
  const [verdict, setVerdict] = createSignal<VerdictWords>();
  const [isExporting, setExporting] = createSignal(false);
  const now = createNow(30_000);
  const gone = new AbortController();
  onCleanup(() => gone.abort());

  const isFiltered = () => `${filter().who}${filter().action}${filter().target}`.trim() !== "";
  /** By name, or by an id as the log has it. */
  const actorId = (): string => {
    const who = filter().who.trim();
    return [...usernames()].find(([, name]) => name === who)?.[0] ?? who;
  };

  async function read(after: string): Promise<void> {
    const asked = filter();
    const answer = await client.listAudit({
      actorId: actorId(),
      action: asked.action.trim(),
      targetId: asked.target.trim(),
      cursor: after,
    });
    setEntries(after === "" ? answer.entries : [...(entries() ?? []), ...answer.entries]);
    setCursor(answer.nextCursor);
  }
  async function begin(): Promise<void> {
    setUsernames(await readUsernames(users));
    await read("");
  }
  onMount(() => void submission.run(begin));

  function look(next: Filter): void {
    setFilter(next);
    void submission.run(() => read(""));
  }
  async function verify(): Promise<void> {
    setVerdict(undefined);
    setVerdict(describeVerdict(await client.verifyAudit({}, { timeoutMs: 10 * 60_000 })));
  }
  async function exportAll(): Promise<void> {
    setExporting(true);
    try {
      const parts: string[] = [];
      const method = AuditAdminService.method.exportAudit;
      for await (const { lines } of streamHub(method, {}, gone.signal)) {
        parts.push(lines.map((line) => `${line}\n`).join(""));
      }
      saveFile(`leapmux-audit-${new Date().toISOString().slice(0, 10)}.jsonl`, parts);
    } finally {
      setExporting(false);
    }
  }
  const seenActions = createMemo(() =>
    [...new Set((entries() ?? []).map(({ action }) => action))].toSorted(),
  );
  const field = (name: keyof Filter) => ({
    value: filter()[name],
    autocomplete: "off",
    autocapitalize: "none" as const,
    spellcheck: false,
    maxLength: 80,
    onInput: (event: { currentTarget: HTMLInputElement }) =>
      setFilter({ ...filter(), [name]: event.currentTarget.value }),
  });

  return (
    <AccountSection
      title="Audit log"
      text="Who did what, and how it came out. Verifying says whether an entry was altered, removed or inserted."
      action={
        <div class="account-form-row">
          <Button busy={isExporting()} onClick={() => void evidence.run(exportAll)}>
            Export
          </Button>
          <Button
            busy={evidence.busy() && !isExporting()}
            onClick={() => void evidence.run(verify)}
          >
            Verify
          </Button>
        </div>
      }
    >
      <SubmissionNotice of={evidence} />
      <Show when={verdict()}>
        {(words) => <Notice tone={words().isFine ? "ok" : "danger"}>{words().text}</Notice>}
      </Show>
      <form
        class="audit-filter"
        aria-label="Which entries"
        onSubmit={(event) => {
          event.preventDefault();
          look(filter());
        }}
      >
        <Field label="Who" list="audit-names" placeholder="Anybody" {...field("who")} />
        <Field label="Action" list="audit-actions" placeholder="Any" {...field("action")} />
        <Field label="Target id" placeholder="Any" {...field("target")} />
        <Button type="submit" busy={submission.busy()}>
          Show
        </Button>
        <datalist id="audit-names">
          <For each={[...usernames().values()]}>{(name) => <option value={name} />}</For>
        </datalist>
        <datalist id="audit-actions">
          <For each={seenActions()}>{(action) => <option value={action} />}</For>
        </datalist>
      </form>
      <Show when={entries()} fallback={<AdminLoading of={submission} again={begin} />}>
        {(list) => (
          <>
            <SubmissionNotice of={submission} />
            <Show
              when={list().length > 0}
              fallback={<p class="field-hint">No entry is like that.</p>}
            >
              <AuditTable
                entries={list()}
                usernames={usernames()}
                nowMs={now()}
                only={(more) => look({ ...filter(), ...more })}
              />
            </Show>
            <div class="account-form-row">
              <Show when={cursor() !== ""}>
                <Button
                  busy={submission.busy()}
                  onClick={() => void submission.run(() => read(cursor()))}
                >
                  Load more
                </Button>
              </Show>
              <Show when={isFiltered()}>
                <Button variant="quiet" onClick={() => look(everything)}>
                  Show all
                </Button>
              </Show>
            </div>
          </>
        )}
      </Show>
    </AccountSection>
  );
}
