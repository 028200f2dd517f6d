import type { Client } from "@connectrpc/connect";
import type { GetKeyStatusResponse, KeyAdminService } from "@leapmux/proto/hub/v1/admin_keys_pb.ts";
import { createSignal, Show } from "solid-js";
import { AccountSection } from "../account/account-section.tsx";
import { Button } from "../ui/button.tsx";
import { Select } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { exactTime } from "../ui/relative-time.ts";
import { createAdminSubmission } from "./admin-submission.ts";
import { describeTokenCounts } from "./describe-keys.ts";
import { TypedQuestion } from "./typed-question.tsx";

const hourMs = 3_600_000;
const graces = [
  { value: String(24 * hourMs), label: "1 day" },
  { value: String(7 * 24 * hourMs), label: "7 days" },
  { value: String(30 * 24 * hourMs), label: "30 days" },
  { value: "0", label: "none: everything ends now" },
];

/** The key of the hashes of all that the hub hands out. */
export function TokenKey(props: {
  status: GetKeyStatusResponse;
  client: Client<typeof KeyAdminService>;
  changed(): Promise<unknown>;
}) {
  const submission = createAdminSubmission();
  const [isAsked, setAsked] = createSignal(false);
  const [grace, setGrace] = createSignal(graces[0]!.value);
  const [done, setDone] = createSignal<string>();
  const graceUntilMs = () => Number(props.status.pepperGraceUntilMs);
  const isAtOnce = () => grace() === "0";

  async function rotate(): Promise<void> {
    const { generation } = await props.client.rotatePepper({ graceMs: BigInt(grace()) });
    setAsked(false);
    setDone(`Generation ${generation} of the token key is in use.`);
    // Without a grace this login has ended too, and the page says so by itself.
    if (!isAtOnce()) await props.changed();
  }

  return (
    <AccountSection
      title="Token key"
      text={`Generation ${props.status.pepperGeneration}. What hangs on it: ${describeTokenCounts(props.status.tokens)}.`}
      action={
        <Show when={!isAsked()}>
          <Button onClick={() => setAsked(true)}>Rotate token key…</Button>
        </Show>
      }
    >
      <Show when={done()}>{(text) => <Notice tone="ok">{text()}</Notice>}</Show>
      <Show when={graceUntilMs() > 0}>
        <Notice tone="info">
          The former key counts until {exactTime(graceUntilMs())}. Not seen since:{" "}
          {describeTokenCounts(props.status.unmoved)}.
        </Notice>
      </Show>
      <Show when={isAsked()}>
        <div class="account-form">
          <Select
            label="Grace for the former key"
            options={graces}
            value={grace()}
            onChange={(event) => setGrace(event.currentTarget.value)}
          />
        </div>
        <TypedQuestion
          word={isAtOnce() ? "end everything" : "rotate"}
          action={isAtOnce() ? "End everything" : "Rotate"}
          submission={submission}
          run={() => void submission.run(rotate)}
          cancel={() => setAsked(false)}
        >
          <Show
            when={isAtOnce()}
            fallback={
              <>
                All recovery codes end: tell people to make new ones. What is seen in that time
                moves over by itself; what is not ends with it, and a worker that is not linked in
                all that time has to be registered anew.
              </>
            }
          >
            This ends, now: {describeTokenCounts(props.status.tokens)}. You are logged out too, and
            every worker has to be registered anew.
          </Show>
        </TypedQuestion>
      </Show>
    </AccountSection>
  );
}
