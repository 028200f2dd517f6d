import { createResource, For, Show } from "solid-js";
import { useApp } from "../app/use-app.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { titleOf } from "./title-of.ts";

const mostListed = 6;

/** Says what goes with the workspace; there is no way back. */
export function DeleteWorkspaceDialog(props: { workspaceId: string }) {
  const app = useApp();
  const { workspaceId } = props;
  const title = app.workspaces.find(workspaceId)?.title ?? "this workspace";
  let cancel: HTMLButtonElement | undefined;

  // A workspace that was not looked at yet: what is in it comes from the hub now.
  const [loaded] = createResource(() =>
    app.tabs
      .load(workspaceId)
      .then(() => true)
      .catch(() => true),
  );
  const tabs = () => app.tabs.of(workspaceId) ?? [];
  const busy = () =>
    tabs().flatMap((tab) => {
      const terminal = app.live.get(tab.id);
      return terminal?.foregroundCommand ? [terminal] : [];
    });
  const what = () => {
    const count = tabs().length;
    if (count === 0)
      return loaded.loading ? "Looking what is in it…" : "No terminal is open in it.";
    const terminals = count === 1 ? "Its terminal" : `Its ${count} terminals`;
    return `${terminals} will be closed, with everything that runs in ${count === 1 ? "it" : "them"}. This cannot be undone.`;
  };

  return (
    <Dialog
      open
      alert
      title={`Delete “${title}”?`}
      description={what()}
      onClose={app.dialogs.close}
      initialFocus={() => cancel}
      footer={
        <>
          <Button ref={cancel} onClick={app.dialogs.close}>
            Cancel
          </Button>
          <Button
            variant="danger"
            onClick={() => {
              app.dialogs.close();
              app.commands.deleteWorkspace(workspaceId);
            }}
          >
            Delete the workspace
          </Button>
        </>
      }
    >
      <Show when={busy().length > 0}>
        <div>
          <p>Still running:</p>
          <ul class="plain-list">
            <For each={busy().slice(0, mostListed)}>
              {(terminal) => (
                <li>
                  <code>{terminal.foregroundCommand}</code> in “{titleOf(terminal)}”
                </li>
              )}
            </For>
            <Show when={busy().length > mostListed}>
              <li>and {busy().length - mostListed} more</li>
            </Show>
          </ul>
        </div>
      </Show>
    </Dialog>
  );
}
