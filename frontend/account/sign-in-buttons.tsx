import type { SignInProvider } from "@leapmux/proto/hub/v1/system_pb.ts";
import { For } from "solid-js";
import { Button } from "../ui/button.tsx";

/** One for each provider. The browser leaves for it, and comes back to where it is now. */
export function SignInButtons(props: { providers: readonly SignInProvider[]; disabled: boolean }) {
  const leave = (providerId: string): void => {
    const returnTo = encodeURIComponent(location.pathname);
    location.assign(`/auth/oauth/${providerId}/login?return_to=${returnTo}`);
  };
  return (
    <For each={props.providers}>
      {({ providerId, name }) => (
        <Button disabled={props.disabled} onClick={() => leave(providerId)}>
          Sign in with {name}
        </Button>
      )}
    </For>
  );
}
