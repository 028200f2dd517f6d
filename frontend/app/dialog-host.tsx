import { Match, onCleanup, onMount, Switch } from "solid-js";
import { makePart } from "../ui/part.tsx";
import { Waiting } from "../ui/progress.tsx";
import type { DialogRequest } from "./dialogs.ts";
import { useApp } from "./use-app.ts";

const Palette = makePart(async () => (await import("./palette.tsx")).Palette);
const ShortcutsSheet = makePart(async () => (await import("./shortcuts-sheet.tsx")).ShortcutsSheet);
const PreferencesDialog = makePart(
  async () => (await import("../account/preferences-dialog.tsx")).PreferencesDialog,
);
const AboutDialog = makePart(async () => (await import("../account/about-dialog.tsx")).AboutDialog);
const CloseTabDialog = makePart(
  async () => (await import("../workspace/close-tab-dialog.tsx")).CloseTabDialog,
);
const DeleteWorkspaceDialog = makePart(
  async () => (await import("../workspace/delete-workspace-dialog.tsx")).DeleteWorkspaceDialog,
);
const TablessDialog = makePart(
  async () => (await import("../workers/tabless-dialog.tsx")).TablessDialog,
);
/** Of hubs with logins. */
const HubDialogs = makePart(async () => (await import("./hub-dialogs.tsx")).HubDialogs, "asked");
const solosToo = new Set<DialogRequest["kind"] | undefined>([
  "palette",
  "shortcuts",
  "preferences",
  "about",
  "close-tab",
  "delete-workspace",
  "tabless",
  undefined,
]);

export function DialogHost() {
  const { dialogs } = useApp();
  type OfKind<Kind extends DialogRequest["kind"]> = Extract<DialogRequest, { kind: Kind }>;
  const request = <Kind extends DialogRequest["kind"]>(kind: Kind) => {
    const now = dialogs.current();
    return now?.kind === kind ? (now as OfKind<Kind>) : undefined;
  };
  const close = () => dialogs.close();
  const late = {
    onMissing: close,
    get waiting() {
      return <DialogOnItsWay close={close} />;
    },
  };
  return (
    <Switch>
      <Match when={request("palette")}>
        <Palette {...late} />
      </Match>
      <Match when={request("shortcuts")}>
        <ShortcutsSheet {...late} />
      </Match>
      <Match when={request("preferences")}>
        <PreferencesDialog {...late} />
      </Match>
      <Match when={request("about")}>
        <AboutDialog {...late} />
      </Match>
      <Match when={request("close-tab")} keyed>
        {(now) => <CloseTabDialog tabId={now.tabId} runs={now.runs} {...late} />}
      </Match>
      <Match when={request("delete-workspace")} keyed>
        {(now) => <DeleteWorkspaceDialog workspaceId={now.workspaceId} {...late} />}
      </Match>
      <Match when={request("tabless")} keyed>
        {(now) => <TablessDialog workerId={now.workerId} {...late} />}
      </Match>
      <Match when={!solosToo.has(dialogs.current()?.kind)}>
        <HubDialogs {...late} />
      </Match>
    </Switch>
  );
}

/**
 * What is typed is meant for the dialog that was asked for, not for the terminal behind it: until it is
 * here no key goes through, and Escape takes the wish back.
 */
function DialogOnItsWay(props: { close(): void }) {
  function onKeyDown(event: KeyboardEvent): void {
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") props.close();
  }
  onMount(() => window.addEventListener("keydown", onKeyDown, { capture: true }));
  onCleanup(() => window.removeEventListener("keydown", onKeyDown, { capture: true }));
  return (
    <div class="dialog-on-its-way">
      <Waiting label="Loading" sentence="Loading this part of the page. Escape takes it back." />
    </div>
  );
}
