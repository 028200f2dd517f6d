import { Match, Switch } from "solid-js";
import { makePart } from "../ui/part.tsx";
import type { DialogRequest } from "./dialogs.ts";
import { useApp } from "./use-app.ts";

const Palette = makePart(async () => (await import("./palette.tsx")).Palette);
const ShortcutsSheet = makePart(async () => (await import("./shortcuts-sheet.tsx")).ShortcutsSheet);
const PreferencesDialog = makePart(
  async () => (await import("../account/preferences-dialog.tsx")).PreferencesDialog,
);
const CloseTabDialog = makePart(
  async () => (await import("../workspace/close-tab-dialog.tsx")).CloseTabDialog,
);
const DeleteWorkspaceDialog = makePart(
  async () => (await import("../workspace/delete-workspace-dialog.tsx")).DeleteWorkspaceDialog,
);
const TablessDialog = makePart(
  async () => (await import("../workers/tabless-dialog.tsx")).TablessDialog,
);

export function DialogHost() {
  const { dialogs } = useApp();
  type OfKind<Kind extends DialogRequest["kind"]> = Extract<DialogRequest, { kind: Kind }>;
  const request = <Kind extends DialogRequest["kind"]>(kind: Kind) => {
    const now = dialogs.current();
    return now?.kind === kind ? (now as OfKind<Kind>) : undefined;
  };
  const close = () => dialogs.close();
  return (
    <Switch>
      <Match when={request("palette")}>
        <Palette onMissing={close} />
      </Match>
      <Match when={request("shortcuts")}>
        <ShortcutsSheet onMissing={close} />
      </Match>
      <Match when={request("preferences")}>
        <PreferencesDialog onMissing={close} />
      </Match>
      <Match when={request("close-tab")} keyed>
        {(now) => <CloseTabDialog tabId={now.tabId} runs={now.runs} onMissing={close} />}
      </Match>
      <Match when={request("delete-workspace")} keyed>
        {(now) => <DeleteWorkspaceDialog workspaceId={now.workspaceId} onMissing={close} />}
      </Match>
      <Match when={request("tabless")} keyed>
        {(now) => <TablessDialog workerId={now.workerId} onMissing={close} />}
      </Match>
    </Switch>
  );
}
