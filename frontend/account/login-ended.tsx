import LogOut from "lucide-solid/icons/log-out";
import { createSignal, Show } from "solid-js";
import type { LoginEnd } from "@leapmux/shared/client/link-state.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { describeLoginEnd } from "./describe-login-end.ts";

/** Instead of the whole app: nothing is typed, nothing dials, and what was on the screen is gone from it. */
export function LoginEnded(props: { reason: LoginEnd; comeBack(): Promise<void> }) {
  const [failed, setFailed] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const words = () => describeLoginEnd(props.reason);

  async function comeBack(): Promise<void> {
    setBusy(true);
    setFailed(false);
    try {
      await props.comeBack();
    } catch {
      setFailed(true);
      setBusy(false);
    }
  }

  return (
    <main class="entrance-middle">
      <div role="alert">
        <EmptyState icon={LogOut} title={words().title} text={words().text}>
          <Button variant="primary" busy={busy()} onClick={() => void comeBack()}>
            {words().canLogIn ? "Log in again" : "To the log-in"}
          </Button>
          <Show when={failed()}>
            <p class="field-error">The hub cannot be reached. Try it again in a moment.</p>
          </Show>
        </EmptyState>
      </div>
    </main>
  );
}
