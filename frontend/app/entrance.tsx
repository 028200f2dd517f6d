import Unplug from "lucide-solid/icons/unplug";
import { createEffect, createMemo, Match, onCleanup, onMount, Switch } from "solid-js";
import { readLocalHub } from "../account/local-frontend.ts";
import { createPreferences } from "../account/preferences.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { makePart } from "../ui/part.tsx";
import { Waiting } from "../ui/progress.tsx";
import { App } from "./app.tsx";
import type { PageKind } from "./choose-page.ts";
import { createEntry } from "./entry.ts";
import "./entrance.css";

const GatePages = makePart(async () => (await import("./gate-pages.tsx")).GatePages, "asked");
const LoginEnded = makePart(async () => (await import("../account/login-ended.tsx")).LoginEnded);

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

  const localHub = readLocalHub();
  const late = {
    get waiting() {
      return <OnItsWay sentence="Waiting for the page." />;
    },
  };
  return (
    <Switch>
      <Match when={page() === "app"}>
        <App entry={entry} preferences={preferences} />
      </Match>
      <Match when={page() === "unreachable"}>
        <Unreachable ask={ask} />
      </Match>
      <Match when={page() === "waiting"}>
        <OnItsWay sentence="Waiting for the hub to answer." />
      </Match>
      <Match when={page() === "ended" && !localHub}>
        <LoginEnded reason={entry.ended()} comeBack={entry.comeBack} {...late} />
      </Match>
      <Match when={true}>
        <GatePages entry={entry} page={page()} localHub={localHub} {...late} />
      </Match>
    </Switch>
  );
}

function OnItsWay(props: { sentence: string }) {
  return (
    <main class="entrance-middle">
      <Waiting label="Loading" sentence={props.sentence} />
    </main>
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
