import { createClient } from "@connectrpc/connect";
import {
  type LogInResponse,
  LoginService,
  type SecondFactor,
} from "@leapmux/proto/hub/v1/login_pb.ts";
import KeyRound from "lucide-solid/icons/key-round";
import { createSignal, Match, Show, Switch } from "solid-js";
import type { Entry } from "../app/entry.ts";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { PasswordField } from "../ui/password-field.tsx";
import { createSubmission } from "./create-submission.ts";
import { mostPasswordLength } from "./estimate-password.ts";
import { GatePage } from "./gate-page.tsx";
import { NewAccountForm } from "./new-account-form.tsx";
import { canUsePasskeys, usePasskey } from "./passkeys.ts";
import { SecondFactorForm } from "./second-factor-form.tsx";
import { SignInButtons } from "./sign-in-buttons.tsx";
import { SubmissionNotice } from "./submission-notice.tsx";

/**
 * Shows at the address that somebody wanted, so that there is nowhere to be sent back to: once there is
 * a login, the same address is the app's.
 */
export function LogInPage(props: { entry: Entry }) {
  const client = createClient(LoginService, props.entry.transport);
  const [second, setSecond] = createSignal<SecondFactor>();
  const [isSigningUp, setSigningUp] = createSignal(false);
  const [username, setUsername] = createSignal("");

  async function follow({ result }: LogInResponse): Promise<void> {
    if (result.case === "secondFactor") setSecond(result.value);
    else await props.entry.arrive();
  }

  return (
    <Switch>
      <Match when={second()} keyed>
        {(factor) => (
          <SecondFactorForm
            username={username()}
            factor={factor}
            finish={async (proof) =>
              follow(await client.finishLogIn({ challenge: factor.challenge, proof }))
            }
            back={() => setSecond(undefined)}
          />
        )}
      </Match>
      <Match when={isSigningUp()}>
        <GatePage
          title="Make an account"
          foot={
            <Button variant="quiet" onClick={() => setSigningUp(false)}>
              I have one: log in
            </Button>
          }
        >
          <NewAccountForm
            action="Make the account"
            submit={async (account) => follow(await client.signUp(account))}
          />
        </GatePage>
      </Match>
      <Match when={true}>
        <PasswordForm
          entry={props.entry}
          username={username()}
          setUsername={setUsername}
          logIn={async (password) =>
            follow(await client.logIn({ username: username().trim().toLowerCase(), password }))
          }
          logInByPasskey={async (prove) => {
            const { challenge, optionsJson } = await client.startPasskeyLogIn({});
            const json = await prove(optionsJson);
            if (json === undefined) return;
            const proof = { case: "passkeyJson", value: json } as const;
            await follow(await client.finishLogIn({ challenge, proof }));
          }}
          signUp={() => setSigningUp(true)}
        />
      </Match>
    </Switch>
  );
}

function PasswordForm(props: {
  entry: Entry;
  username: string;
  setUsername(username: string): void;
  logIn(password: string): Promise<void>;
  logInByPasskey(prove: (optionsJson: string) => Promise<string | undefined>): Promise<void>;
  signUp(): void;
}) {
  const submission = createSubmission();
  const [password, setPassword] = createSignal("");
  const providers = () => props.entry.system()?.signInProviders ?? [];
  let passwordField: HTMLInputElement | undefined;

  async function logIn(): Promise<void> {
    if (await submission.run(() => props.logIn(password()))) return;
    passwordField?.select();
    passwordField?.focus();
  }

  async function byPasskey(): Promise<void> {
    let refusal: string | undefined;
    await submission.run(() =>
      props.logInByPasskey(async (options) => {
        const answer = await usePasskey(options);
        if (answer.ok) return answer.json;
        refusal = answer.text;
        return undefined;
      }),
    );
    if (refusal !== undefined) submission.fail(refusal);
  }

  return (
    <GatePage
      title="Log in"
      text={wantsCommandLine() ? "Then you can approve the command line." : undefined}
      foot={
        <Show
          when={canUsePasskeys() || props.entry.system()?.signUpEnabled || providers().length > 0}
        >
          <SignInButtons providers={providers()} disabled={submission.busy()} />
          <Show when={canUsePasskeys()}>
            <Button icon={KeyRound} disabled={submission.busy()} onClick={() => void byPasskey()}>
              Log in with a passkey
            </Button>
          </Show>
          <Show when={props.entry.system()?.signUpEnabled}>
            <Button variant="quiet" onClick={() => props.signUp()}>
              Make an account
            </Button>
          </Show>
        </Show>
      }
    >
      <Show when={props.entry.note()}>{(note) => <Notice tone="plain">{note()}</Notice>}</Show>
      <form
        class="gate-form"
        method="post"
        onSubmit={(event) => {
          event.preventDefault();
          void logIn();
        }}
      >
        <Field
          label="User name"
          name="username"
          autocomplete="username"
          autocapitalize="none"
          autocorrect="off"
          spellcheck={false}
          required
          maxLength={64}
          value={props.username}
          onInput={(event) => props.setUsername(event.currentTarget.value)}
        />
        <PasswordField
          ref={passwordField}
          label="Password"
          name="password"
          autocomplete="current-password"
          required
          maxLength={mostPasswordLength}
          value={password()}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
        <SubmissionNotice of={submission} />
        <Button
          type="submit"
          variant="primary"
          busy={submission.busy()}
          disabled={submission.waitSeconds() > 0}
        >
          Log in
        </Button>
      </form>
    </GatePage>
  );
}

function wantsCommandLine(): boolean {
  return location.pathname.startsWith("/cli");
}
