import { useApp } from "../app/use-app.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { titleOf } from "./title-of.ts";

/** Something still runs in the terminal: closing it ends that too. */
export function CloseTabDialog(props: { tabId: string; command: string }) {
  const app = useApp();
  const title = titleOf(app.live.get(props.tabId));
  let cancel: HTMLButtonElement | undefined;
  return (
    <Dialog
      open
      alert
      title={`Close “${title}”?`}
      description={
        <>
          <code>{props.command}</code> still runs in it. Closing the tab ends it.
        </>
      }
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
              app.commands.closeTabNow(props.tabId);
            }}
          >
            End it and close
          </Button>
        </>
      }
    />
  );
}
