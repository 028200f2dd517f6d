import type { TokenScope } from "@leapmux/proto/hub/v1/token_pb.ts";
import { createSignal, For } from "solid-js";
import { Check } from "../ui/check.tsx";
import { Field, Select } from "../ui/field.tsx";
import { ConfirmRow } from "./confirm-row.tsx";
import { createSubmission } from "./create-submission.ts";
import { CurrentPasswordField } from "./current-password-field.tsx";

const lives = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "One year" },
];
const dayMs = 86_400_000n;

export interface WantedToken {
  readonly clientName: string;
  readonly scopes: string[];
  readonly lifeMs: bigint;
  readonly password: string;
}

/** What a new token is for, what it may and for how long; with the password, for it is a way in. */
export function CreateToken(props: {
  hasPassword: boolean;
  scopes: readonly TokenScope[];
  create(wanted: WantedToken): Promise<void>;
  cancel(): void;
}) {
  const submission = createSubmission();
  const [name, setName] = createSignal("");
  const [chosen, setChosen] = createSignal<ReadonlySet<string>>(new Set());
  const [days, setDays] = createSignal("30");
  const [password, setPassword] = createSignal("");

  function choose(scope: string, isOn: boolean): void {
    const next = new Set(chosen());
    if (isOn) next.add(scope);
    else next.delete(scope);
    setChosen(next);
  }
  function submit(): void {
    if (chosen().size === 0) {
      submission.fail("Choose at least one thing that the token may do.");
      return;
    }
    void submission.run(() =>
      props.create({
        clientName: name().trim(),
        scopes: [...chosen()],
        lifeMs: BigInt(days()) * dayMs,
        password: password(),
      }),
    );
  }

  return (
    <form
      class="account-form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Field
        ref={(element) => queueMicrotask(() => element.focus())}
        label="What it is for"
        autocomplete="off"
        required
        maxLength={128}
        hint="The name of the program, to tell it apart later."
        value={name()}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <fieldset class="account-choices">
        <legend class="field-label">What it may do</legend>
        <For each={props.scopes}>
          {(scope) => (
            <Check
              label={scope.name}
              hint={scope.meaning}
              checked={chosen().has(scope.name)}
              onChange={(isOn) => choose(scope.name, isOn)}
            />
          )}
        </For>
      </fieldset>
      <Select
        label="For how long"
        options={lives}
        value={days()}
        onChange={(event) => setDays(event.currentTarget.value)}
      />
      <CurrentPasswordField
        hasPassword={props.hasPassword}
        value={password()}
        onInput={setPassword}
      />
      <ConfirmRow of={submission} action="Make the token" cancel={() => props.cancel()} />
    </form>
  );
}
