import { createClient } from "@connectrpc/connect";
import { AccountService, type ReadCliLoginResponse } from "@leapmux/proto/hub/v1/account_pb.ts";
import { createSignal, Match, onMount, Switch } from "solid-js";
import type { Entry } from "../app/entry.ts";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import { createSubmission } from "./create-submission.ts";
import { describeClient } from "./describe-client.ts";
import { GatePage } from "./gate-page.tsx";
import { formatUserCode } from "./format-user-code.ts";
import { SubmissionNotice } from "./submission-notice.tsx";

/**
 * Somebody typed `leapmux login` somewhere and stands there with a code. What asks is shown before it is
 * approved, never approved by opening an address.
 */
export function CommandLinePage(props: { entry: Entry }) {
  const client = createClient(AccountService, props.entry.transport);
  const submission = createSubmission();
  const [code, setCode] = createSignal(formatUserCode(props.entry.fragment));
  const [found, setFound] = createSignal<ReadCliLoginResponse>();
  const [answered, setAnswered] = createSignal<"approved" | "denied">();
  const account = () => props.entry.account();

  const read = () =>
    submission.run(async () => setFound(await client.readCliLogin({ userCode: code() })));
  onMount(() => {
    if (code().length === 9) void read();
  });

  async function answer(approve: boolean): Promise<void> {
    const isDone = await submission.run(() => client.answerCliLogin({ userCode: code(), approve }));
    if (isDone) setAnswered(approve ? "approved" : "denied");
  }
  function startOver(): void {
    submission.clear();
    setFound(undefined);
  }

  return (
    <Switch>
      <Match when={answered()}>
        {(how) => (
          <GatePage
            title={how() === "approved" ? "The command line is logged in" : "It was turned away"}
            text={
              how() === "approved"
                ? "Go on there. You can end this login at any time under “Account”."
                : "It got nothing. If you did not start it yourself, somebody may have sent you this code: give codes to nobody."
            }
          >
            <Button variant="primary" data-first onClick={() => location.assign("/")}>
              Go to LeapMux
            </Button>
          </GatePage>
        )}
      </Match>
      <Match when={found()}>
        {(asking) => (
          <GatePage
            title="Log in a command line?"
            text={
              <>
                It will act as <strong>{account()?.username}</strong> on this hub.
              </>
            }
          >
            <dl class="gate-facts">
              <dt>Code</dt>
              <dd class="gate-fact-code">{code()}</dd>
              <dt>Asks from</dt>
              <dd>{asking().address}</dd>
              <dt>Program</dt>
              <dd title={asking().userAgent}>{describeClient(asking().userAgent, true).text}</dd>
              <dt>Ends</dt>
              <dd title={exactTime(Number(asking().expiresAtMs))}>
                {relativeTime(Number(asking().expiresAtMs), Date.now())}
              </dd>
            </dl>
            <Notice tone="warn">
              Approve it only if you started it yourself, just now, and the code is the same there.
            </Notice>
            <SubmissionNotice of={submission} />
            <div class="gate-choices">
              <Button data-first onClick={() => void answer(false)} disabled={submission.busy()}>
                Turn it away
              </Button>
              <Button variant="primary" busy={submission.busy()} onClick={() => void answer(true)}>
                Approve
              </Button>
            </div>
            <Button variant="quiet" onClick={startOver}>
              Another code
            </Button>
          </GatePage>
        )}
      </Match>
      <Match when={true}>
        <GatePage title="Log in a command line" text="Type the code that “leapmux login” shows.">
          <form
            class="gate-form"
            onSubmit={(event) => {
              event.preventDefault();
              void read();
            }}
          >
            <Field
              label="Code"
              name="user-code"
              autocomplete="off"
              autocapitalize="characters"
              spellcheck={false}
              required
              maxLength={12}
              placeholder="XXXX-XXXX"
              value={code()}
              onInput={(event) => {
                setCode(formatUserCode(event.currentTarget.value));
                event.currentTarget.value = code();
              }}
            />
            <SubmissionNotice of={submission} />
            <Button
              type="submit"
              variant="primary"
              busy={submission.busy()}
              disabled={submission.waitSeconds() > 0 || code().length < 9}
            >
              Go on
            </Button>
          </form>
        </GatePage>
      </Match>
    </Switch>
  );
}
