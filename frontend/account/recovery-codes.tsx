import Download from "lucide-solid/icons/download";
import { For } from "solid-js";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-field.tsx";
import { Notice } from "../ui/notice.tsx";

/** Shown once, right after they were made. */
export function RecoveryCodes(props: { codes: readonly string[]; username: string; done(): void }) {
  const text = () =>
    [
      `LeapMux recovery codes of ${props.username} at ${location.host}`,
      "Each works once, in place of the second factor.",
      "",
      ...props.codes,
      "",
    ].join("\n");

  function download(): void {
    const url = URL.createObjectURL(new Blob([text()], { type: "text/plain" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `leapmux-recovery-codes-${props.username}.txt`;
    // A link of this page to itself would be taken for a place in the app.
    link.target = "_blank";
    link.click();
    URL.revokeObjectURL(url);
  }

  return (
    <>
      <Notice tone="info">
        Keep these recovery codes now: they are not shown again. Each logs you in once when the
        other factors are lost.
      </Notice>
      <ol class="recovery-codes" aria-label="Recovery codes">
        <For each={props.codes}>{(code) => <li>{code}</li>}</For>
      </ol>
      <div class="account-form-row">
        <CopyButton text={text()} label="Copy all" />
        <Button icon={Download} onClick={download}>
          Download
        </Button>
        <Button variant="primary" onClick={() => props.done()}>
          I kept them
        </Button>
      </div>
    </>
  );
}
