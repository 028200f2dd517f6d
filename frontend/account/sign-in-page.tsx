import { createClient } from "@connectrpc/connect";
import {
  LoginService,
  type OfferedSignUp,
  type ReadSignInResponse,
} from "@leapmux/proto/hub/v1/login_pb.ts";
import { createSignal, Match, onMount, Show, Switch } from "solid-js";
import type { Entry } from "../app/entry.ts";
import { Button } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import { Waiting } from "../ui/progress.tsx";
import { AccountNames } from "./account-names.tsx";
import { checkUsername } from "./check-username.ts";
import { createSubmission } from "./create-submission.ts";
import { describeSignInRefusal } from "./describe-sign-in-refusal.ts";
import { GatePage } from "./gate-page.tsx";
import { SecondFactorForm } from "./second-factor-form.tsx";
import { SubmissionNotice } from "./submission-notice.tsx";

/** Where somebody arrives who comes back from a provider and is not simply logged in. The hub knows what it is about. */
export function SignInPage(props: { entry: Entry }) {
  const client = createClient(LoginService, props.entry.transport);
  const submission = createSubmission();
  const [read, setRead] = createSignal<ReadSignInResponse>();
  onMount(() => void submission.run(async () => setRead(await client.readSignIn({}))));

  /** A new page, at the address that was wanted. */
  const goOn = (): void => location.replace(read()?.returnTo || "/");

  return (
    <Show
      when={read()}
      fallback={
        <GatePage title="Signing in">
          <Show
            when={submission.failure()}
            fallback={<Waiting label="Signing in" sentence="Asking the hub." />}
          >
            <SubmissionNotice of={submission} />
          </Show>
        </GatePage>
      }
    >
      {(said) => {
        const outcome = said().outcome;
        const provider = said().providerName;
        return (
          <Switch fallback={<Refused code="stale" provider={provider} goOn={goOn} />}>
            <Match when={outcome.case === "refused" && outcome.value}>
              {(code) => <Refused code={code()} provider={provider} goOn={goOn} />}
            </Match>
            <Match when={outcome.case === "linked"}>
              <GatePage
                title="Linked"
                text={`From now on you can sign in here with your account at ${provider}.`}
              >
                <Button variant="primary" data-first onClick={goOn}>
                  Continue
                </Button>
              </GatePage>
            </Match>
            <Match when={outcome.case === "secondFactor" && outcome.value}>
              {(factor) => (
                <SecondFactorForm
                  username=""
                  factor={factor()}
                  finish={async (proof) => {
                    await client.finishLogIn({ challenge: factor().challenge, proof });
                    goOn();
                  }}
                  back={() => location.replace("/")}
                />
              )}
            </Match>
            <Match when={outcome.case === "signUp" && outcome.value}>
              {(offered) => (
                <ChooseName
                  offered={offered()}
                  provider={provider}
                  submit={async (username, displayName) => {
                    await client.finishSignUp({ username, displayName });
                    goOn();
                  }}
                />
              )}
            </Match>
          </Switch>
        );
      }}
    </Show>
  );
}

function Refused(props: { code: string; provider: string; goOn(): void }) {
  const said = () => describeSignInRefusal(props.code, props.provider || "the provider");
  return (
    <GatePage title={said().title}>
      <Notice tone="warn">{said().text}</Notice>
      <Button variant="primary" data-first onClick={() => props.goOn()}>
        Continue
      </Button>
    </GatePage>
  );
}

function ChooseName(props: {
  offered: OfferedSignUp;
  provider: string;
  submit(username: string, displayName: string): Promise<void>;
}) {
  const submission = createSubmission();
  const [username, setUsername] = createSignal(props.offered.username);
  const [displayName, setDisplayName] = createSignal(props.offered.displayName);
  const [isTried, setTried] = createSignal(false);
  let usernameField: HTMLInputElement | undefined;

  function onSubmit(event: SubmitEvent): void {
    event.preventDefault();
    setTried(true);
    if (checkUsername(username()) !== undefined) return usernameField?.focus();
    void submission.run(() => props.submit(username(), displayName().trim()));
  }

  return (
    <GatePage
      title="Make an account"
      text={
        <>
          You are signed in at {props.provider}
          {props.offered.email === "" ? "" : ` as ${props.offered.email}`}, and have no account here
          yet. Within five minutes you can make one.
        </>
      }
      foot={
        <Button variant="quiet" onClick={() => location.replace("/")}>
          I have one: log in
        </Button>
      }
    >
      <form class="gate-form" method="post" onSubmit={onSubmit}>
        <AccountNames
          ref={(field) => (usernameField = field)}
          username={username()}
          onUsername={setUsername}
          hint="Small letters, digits and hyphens."
          isTried={isTried()}
          displayName={displayName()}
          onDisplayName={setDisplayName}
        />
        <SubmissionNotice of={submission} />
        <Button
          type="submit"
          variant="primary"
          busy={submission.busy()}
          disabled={submission.waitSeconds() > 0}
        >
          Make the account
        </Button>
      </form>
    </GatePage>
  );
}
