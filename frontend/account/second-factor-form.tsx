import type { SecondFactor } from "@leapmux/proto/hub/v1/login_pb.ts";
import { createSignal, For, Match, Switch } from "solid-js";
import { Button } from "../ui/button.tsx";
import { CodeField } from "./code-field.tsx";
import { createSubmission } from "./create-submission.ts";
import { Field } from "../ui/field.tsx";
import { GatePage } from "./gate-page.tsx";
import { canUsePasskeys, usePasskey } from "./passkeys.ts";
import { SubmissionNotice } from "./submission-notice.tsx";

export type Proof =
  | { readonly case: "totpCode"; readonly value: string }
  | { readonly case: "recoveryCode"; readonly value: string }
  | { readonly case: "passkeyJson"; readonly value: string };

type Way = Proof["case"];

const names: Readonly<Record<Way, string>> = {
  totpCode: "Use a code from the app",
  passkeyJson: "Use a passkey",
  recoveryCode: "Use a recovery code",
};

/** The second thing that proves who one is. Whatever the account has can be chosen; the quickest is asked first. */
export function SecondFactorForm(props: {
  username: string;
  factor: SecondFactor;
  finish(proof: Proof): Promise<void>;
  back(): void;
}) {
  const submission = createSubmission(
    new Map([
      [
        "login_refused",
        "That did not match. Try it again; after five minutes the log-in starts over.",
      ],
    ]),
  );
  const [code, setCode] = createSignal("");
  const ways: readonly Way[] = [
    ...(props.factor.totp ? (["totpCode"] as const) : []),
    ...(props.factor.passkeyOptionsJson && canUsePasskeys() ? (["passkeyJson"] as const) : []),
    ...(props.factor.recoveryCode ? (["recoveryCode"] as const) : []),
  ];
  const [way, setWay] = createSignal<Way | undefined>(ways[0]);

  function choose(next: Way): void {
    submission.clear();
    setCode("");
    setWay(next);
    focusField();
    if (next === "passkeyJson") void byPasskey();
  }

  function focusField(): void {
    document.querySelector<HTMLElement>(".gate-form :is(input, button)")?.focus();
  }

  async function finish(proof: Proof): Promise<void> {
    if (await submission.run(() => props.finish(proof))) return;
    setCode("");
    focusField();
  }

  async function byPasskey(): Promise<void> {
    const answer = await usePasskey(props.factor.passkeyOptionsJson);
    if (answer.ok) await finish({ case: "passkeyJson", value: answer.json });
    else submission.fail(answer.text);
  }

  const send = (event: SubmitEvent, which: "totpCode" | "recoveryCode") => {
    event.preventDefault();
    void finish({ case: which, value: code().trim() });
  };
  const sendButton = () => (
    <Button
      type="submit"
      variant="primary"
      busy={submission.busy()}
      disabled={submission.waitSeconds() > 0}
    >
      Log in
    </Button>
  );

  return (
    <GatePage
      title="Second step"
      text={
        props.username ? (
          <>
            Logging in as <strong>{props.username}</strong>.
          </>
        ) : undefined
      }
      foot={
        <>
          <For each={ways.filter((each) => each !== way())}>
            {(each) => (
              <Button onClick={() => choose(each)} disabled={submission.busy()}>
                {names[each]}
              </Button>
            )}
          </For>
          <Button variant="quiet" onClick={() => props.back()}>
            Start over
          </Button>
        </>
      }
    >
      <Switch
        fallback={
          <p>This browser can show none of your second factors. Log in with another browser.</p>
        }
      >
        <Match when={way() === "totpCode"}>
          <form class="gate-form" onSubmit={(event) => send(event, "totpCode")}>
            <CodeField
              label="Code from the app"
              value={code()}
              onInput={setCode}
              onComplete={(value) => void finish({ case: "totpCode", value })}
            />
            <SubmissionNotice of={submission} />
            {sendButton()}
          </form>
        </Match>
        <Match when={way() === "recoveryCode"}>
          <form class="gate-form" onSubmit={(event) => send(event, "recoveryCode")}>
            <Field
              label="Recovery code"
              name="recovery-code"
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              required
              maxLength={64}
              hint="Each works once."
              value={code()}
              onInput={(event) => setCode(event.currentTarget.value)}
            />
            <SubmissionNotice of={submission} />
            {sendButton()}
          </form>
        </Match>
        <Match when={way() === "passkeyJson"}>
          <div class="gate-form">
            <SubmissionNotice of={submission} />
            <Button
              variant="primary"
              data-first
              busy={submission.busy()}
              onClick={() => void byPasskey()}
            >
              Use a passkey
            </Button>
          </div>
        </Match>
      </Switch>
    </GatePage>
  );
}
