import { type Accessor, createSignal, type JSX } from "solid-js";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { readToken } from "./read-token.ts";
import "./gate-page.css";

/** The token that came with the address, or a form for it where the address came without. */
export function TokenForm(props: {
  given: string;
  form: "set-up" | "invitation";
  children(token: Accessor<string>, ask: () => JSX.Element): JSX.Element;
}) {
  const [token, setToken] = createSignal(readToken(props.given) ?? "");
  const [failure, setFailure] = createSignal<string>();

  function onSubmit(event: SubmitEvent & { currentTarget: HTMLFormElement }): void {
    event.preventDefault();
    const typed = new FormData(event.currentTarget).get("token");
    const found = readToken(typeof typed === "string" ? typed : "");
    if (found) setToken(found);
    else setFailure("That is not one. It begins with lmi_ and comes whole.");
  }

  const ask = () => (
    <form class="gate-form" onSubmit={onSubmit}>
      <Field
        label={props.form === "set-up" ? "Token or address" : "Link or token"}
        name="token"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        required
        maxLength={1024}
        placeholder="lmi_…"
        error={failure()}
        onInput={() => setFailure(undefined)}
      />
      <Button type="submit" variant="primary">
        Go on
      </Button>
    </form>
  );
  return <>{props.children(token, ask)}</>;
}
