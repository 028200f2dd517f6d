import Unplug from "lucide-solid/icons/unplug";
import {
  createEffect,
  createMemo,
  lazy,
  Match,
  onCleanup,
  onMount,
  Suspense,
  Switch,
} from "solid-js";
import { createPreferences } from "../account/preferences.ts";
import { LoginEnded } from "../account/login-ended.tsx";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Waiting } from "../ui/progress.tsx";
import { App } from "./app.tsx";
import type { PageKind } from "./choose-page.ts";
import { createEntry } from "./entry.ts";
import "./entrance.css";

const SetUpPage = lazy(async () => ({
  default: (await import("../account/set-up-page.tsx")).SetUpPage,
}));
const InvitationPage = lazy(async () => ({
  default: (await import("../account/invitation-page.tsx")).InvitationPage,
}));
const LogInPage = lazy(async () => ({
  default: (await import("../account/log-in-page.tsx")).LogInPage,
}));
const CommandLinePage = lazy(async () => ({
  default: (await import("../account/command-line-page.tsx")).CommandLinePage,
}));

const titles: Partial<Record<PageKind, string>> = {
  "set-up": "Set up",
  invitation: "Invitation",
  "log-in": "Log in",
  "command-line": "Command line",
  ended: "Logged out",
};

/** Between two tries to find the hub at all, ms. */
const retryMs = 3_000;

/** What the address leads to: the app for whoever may have it, else a page about getting there. */
export function Entrance() {
  const entry = createEntry();
  const preferences = createPreferences();
  // Compared by value: an answer that changes nothing must not build the app anew.
  const page = createMemo(entry.page);
  const ask = () => void entry.ask().catch(() => {});

  onMount(() => {
    // The app asks by itself.
    if (page() !== "app") ask();
  });
  createEffect(() => {
    if (page() !== "app") document.title = [titles[page()], "LeapMux"].filter(Boolean).join(" · ");
  });

  return (
    <Switch>
      <Match when={page() === "app"}>
        <App entry={entry} preferences={preferences} />
      </Match>
      <Match when={page() === "ended"}>
        <LoginEnded reason={entry.ended()} comeBack={entry.comeBack} />
      </Match>
      <Match when={page() === "unreachable"}>
        <Unreachable ask={ask} />
      </Match>
      <Match when={page() === "waiting"}>
        <main class="entrance-middle">
          <Waiting label="Loading" sentence="Waiting for the hub to answer." />
        </main>
      </Match>
      <Match when={true}>
        <Suspense
          fallback={
            <main class="entrance-middle">
              <Waiting label="Loading" sentence="Waiting for the page." />
            </main>
          }
        >
          <Switch>
            <Match when={page() === "set-up"}>
              <SetUpPage entry={entry} />
            </Match>
            <Match when={page() === "invitation"}>
              <InvitationPage entry={entry} />
            </Match>
            <Match when={page() === "command-line"}>
              <CommandLinePage entry={entry} />
            </Match>
            <Match when={page() === "log-in"}>
              <LogInPage entry={entry} />
            </Match>
          </Switch>
        </Suspense>
      </Match>
    </Switch>
  );
}

function Unreachable(props: { ask(): void }) {
  onMount(() => {
    const timer = setInterval(() => props.ask(), retryMs);
    window.addEventListener("online", props.ask);
    onCleanup(() => {
      clearInterval(timer);
      window.removeEventListener("online", props.ask);
    });
  });
  return (
    <main class="entrance-middle">
      <EmptyState
        icon={Unplug}
        title="The hub cannot be reached"
        text="It is tried again by itself."
      >
        <Button variant="primary" onClick={() => props.ask()}>
          Try now
        </Button>
      </EmptyState>
    </main>
  );
}
