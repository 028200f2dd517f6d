import type { StartTotpResponse } from "@leapmux/proto/hub/v1/account_pb.ts";
import type { Account } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { createSignal, Match, Show, Switch } from "solid-js";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { QrCode } from "../ui/qr-code.tsx";
import type { AccountCalls } from "./account-calls.ts";
import { AccountSection } from "./account-section.tsx";
import { CodeField } from "./code-field.tsx";
import { ConfirmPassword } from "./confirm-password.tsx";
import { createSubmission } from "./create-submission.ts";
import { RecoveryCodes } from "./recovery-codes.tsx";
import { SubmissionNotice } from "./submission-notice.tsx";

type Step =
  | { readonly kind: "overview" }
  | { readonly kind: "confirm"; readonly what: "set-up" | "remove" | "new-codes" }
  | { readonly kind: "scan"; readonly start: StartTotpResponse }
  | { readonly kind: "codes"; readonly codes: readonly string[] };

const overview: Step = { kind: "overview" };

/** Codes of an authenticator app, and the recovery codes that come with them. */
export function TotpSection(props: { account: Account; calls: AccountCalls }) {
  const [step, setStep] = createSignal<Step>(overview);
  const { client } = props.calls;
  const ofKind = <Kind extends Step["kind"]>(kind: Kind) => {
    const now = step();
    return now.kind === kind ? (now as Extract<Step, { kind: Kind }>) : undefined;
  };
  const back = () => setStep(overview);

  /** After the password. */
  async function go(what: "set-up" | "remove" | "new-codes", password: string): Promise<void> {
    if (what === "set-up") {
      setStep({ kind: "scan", start: await client.startTotp({ password }) });
      return;
    }
    if (what === "remove") {
      await client.removeTotp({ password });
      back();
    } else {
      const { recoveryCodes } = await client.makeRecoveryCodes({ password });
      setStep({ kind: "codes", codes: recoveryCodes });
    }
    await props.calls.refresh().catch(() => {});
  }

  async function finish(code: string): Promise<void> {
    const { recoveryCodes } = await client.finishTotp({ code });
    setStep({ kind: "codes", codes: recoveryCodes });
    await props.calls.refresh().catch(() => {});
  }

  return (
    <AccountSection
      title="Authenticator app"
      text="An app on your phone shows a code of six digits that is asked for after the password."
      action={
        <Show when={ofKind("overview")}>
          <Show
            when={props.account.hasTotp}
            fallback={
              <Button onClick={() => setStep({ kind: "confirm", what: "set-up" })}>Set up</Button>
            }
          >
            <Button onClick={() => setStep({ kind: "confirm", what: "remove" })}>Remove</Button>
          </Show>
        </Show>
      }
    >
      <Switch>
        <Match when={ofKind("confirm")} keyed>
          {({ what }) => (
            <ConfirmPassword
              hasPassword={props.account.hasPassword}
              danger={what === "remove"}
              action={actionNames[what]}
              run={(password) => go(what, password)}
              cancel={back}
            />
          )}
        </Match>
        <Match when={ofKind("scan")} keyed>
          {({ start }) => <ScanStep start={start} finish={finish} cancel={back} />}
        </Match>
        <Match when={ofKind("codes")} keyed>
          {({ codes }) => (
            <RecoveryCodes codes={codes} username={props.account.username} done={back} />
          )}
        </Match>
        <Match when={props.account.hasTotp}>
          <div class="account-form-row">
            <Badge tone="ok">on</Badge>
            <span>{codesLeft(props.account.recoveryCodesLeft)}</span>
            <Button variant="quiet" onClick={() => setStep({ kind: "confirm", what: "new-codes" })}>
              Make new recovery codes
            </Button>
          </div>
        </Match>
      </Switch>
    </AccountSection>
  );
}

const actionNames = {
  "set-up": "Go on",
  remove: "Remove the authenticator app",
  "new-codes": "Make new recovery codes",
} as const;

const wrongCode = new Map([
  [
    "invalid_request",
    "That code did not match. Wait for the next one, and check that the clock of the phone is right.",
  ],
]);

function ScanStep(props: {
  start: StartTotpResponse;
  finish(code: string): Promise<void>;
  cancel(): void;
}) {
  const submission = createSubmission(wrongCode);
  const [code, setCode] = createSignal("");

  async function submit(): Promise<void> {
    if (!(await submission.run(() => props.finish(code())))) setCode("");
  }

  return (
    <div class="account-totp">
      <QrCode text={props.start.uri} label="QR code for the authenticator app" />
      <form
        class="account-steps"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <p>Scan this with the app, or type the secret into it:</p>
        <p class="account-secret">{inGroups(props.start.secret)}</p>
        <CodeField
          label="Code that the app shows"
          value={code()}
          onInput={setCode}
          onComplete={() => void submit()}
        />
        <SubmissionNotice of={submission} />
        <div class="account-form-row">
          <Button
            type="submit"
            variant="primary"
            busy={submission.busy()}
            disabled={submission.waitSeconds() > 0}
          >
            Turn on
          </Button>
          <Button variant="quiet" onClick={() => props.cancel()}>
            Cancel
          </Button>
        </div>
      </form>
    </div>
  );
}

/** Easier to type in fours. */
function inGroups(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(" ") ?? "";
}

function codesLeft(count: number): string {
  if (count === 0) return "No recovery code is left: make new ones.";
  return `${count} recovery code${count === 1 ? " is" : "s are"} left.`;
}
