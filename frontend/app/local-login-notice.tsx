import { Code, ConnectError } from "@connectrpc/connect";
import KeyRound from "lucide-solid/icons/key-round";
import { createEffect, createSignal, on, Show } from "solid-js";
import { readLocalHub } from "../account/local-frontend.ts";
import { Banner } from "../ui/banner.tsx";
import { Button } from "../ui/button.tsx";
import { useApp } from "./use-app.ts";

/**
 * Under `leapmux open` it is the command line that is logged in, not the browser: when that login is over,
 * nothing in this page can bring it back, so it says what can. Asked anew whenever the link comes or goes.
 */
export function LocalLoginNotice() {
  const app = useApp();
  const hub = readLocalHub();
  const [isLoggedOut, setLoggedOut] = createSignal(false);

  async function ask(): Promise<void> {
    try {
      const { userId } = await app.hub.system.getSystemInfo({});
      setLoggedOut(userId === "");
    } catch (error) {
      // Anything else says nothing about the login.
      if (ConnectError.from(error).code === Code.Unauthenticated) setLoggedOut(true);
    }
  }
  function retry(): void {
    void ask();
    app.actions.run("app.retry");
  }

  if (hub !== undefined) {
    createEffect(
      on(
        () => app.hub.link().kind,
        (kind) => kind !== "connecting" && void ask(),
      ),
    );
  }
  return (
    <Show when={isLoggedOut() && hub}>
      <Banner
        tone="danger"
        shape="strip"
        icon={KeyRound}
        action={<Button onClick={retry}>Try now</Button>}
      >
        <strong>The login of this machine at {hub} is over.</strong> Log in again in a terminal:{" "}
        <code>leapmux login {hub}</code>
      </Banner>
    </Show>
  );
}
