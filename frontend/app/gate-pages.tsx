import { type JSX, Match, Switch } from "solid-js";
import { makePart } from "../ui/part.tsx";
import type { PageKind } from "./choose-page.ts";
import type { Entry } from "./entry.ts";

const SetUpPage = makePart(
  async () => (await import("../account/set-up-page.tsx")).SetUpPage,
  "asked",
);
const InvitationPage = makePart(
  async () => (await import("../account/invitation-page.tsx")).InvitationPage,
  "asked",
);
const LogInPage = makePart(
  async () => (await import("../account/log-in-page.tsx")).LogInPage,
  "asked",
);
const SignInPage = makePart(
  async () => (await import("../account/sign-in-page.tsx")).SignInPage,
  "asked",
);
const LocalLogInPage = makePart(
  async () => (await import("../account/local-log-in-page.tsx")).LocalLogInPage,
  "asked",
);
const CommandLinePage = makePart(
  async () => (await import("../account/command-line-page.tsx")).CommandLinePage,
  "asked",
);

/** Pages that a login is made on, or that stand in their place. */
const makesLogin: ReadonlySet<PageKind> = new Set([
  "set-up",
  "invitation",
  "log-in",
  "sign-in",
  "ended",
]);

/** What stands between the address and the app for whoever is not logged in. */
export function GatePages(props: {
  entry: Entry;
  page: PageKind;
  localHub: string | undefined;
  waiting?: JSX.Element;
}) {
  const late = {
    get waiting() {
      return props.waiting;
    },
  };
  /** Behind `leapmux open` a login is made elsewhere. */
  const madeElsewhere = () => (makesLogin.has(props.page) ? props.localHub : undefined);
  return (
    <Switch>
      <Match when={madeElsewhere()}>
        {(hub) => (
          <LocalLogInPage
            entry={props.entry}
            hub={hub()}
            hasEnded={props.page === "ended"}
            {...late}
          />
        )}
      </Match>
      <Match when={props.page === "set-up"}>
        <SetUpPage entry={props.entry} {...late} />
      </Match>
      <Match when={props.page === "invitation"}>
        <InvitationPage entry={props.entry} {...late} />
      </Match>
      <Match when={props.page === "command-line"}>
        <CommandLinePage entry={props.entry} {...late} />
      </Match>
      <Match when={props.page === "sign-in"}>
        <SignInPage entry={props.entry} {...late} />
      </Match>
      <Match when={props.page === "log-in"}>
        <LogInPage entry={props.entry} {...late} />
      </Match>
    </Switch>
  );
}
