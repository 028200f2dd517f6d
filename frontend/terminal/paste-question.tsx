import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";

const shownLines = 12;

/** Asks before several lines are typed into a program that cannot tell a paste from keys. */
export function PasteQuestion(props: {
  text: string;
  lineCount: number;
  onAnswer: (accepted: boolean) => void;
}) {
  let paste: HTMLButtonElement | undefined;
  const preview = () => {
    const lines = props.text.split(/\r\n|\r|\n/);
    const head = lines.slice(0, shownLines).join("\n");
    return lines.length > shownLines ? `${head}\n…` : head;
  };
  const title = () => (props.lineCount === 1 ? "Paste a line?" : `Paste ${props.lineCount} lines?`);
  return (
    <Dialog
      open
      alert
      size="medium"
      title={title()}
      description="The program in this terminal takes every line break as Enter."
      initialFocus={() => paste}
      onClose={() => props.onAnswer(false)}
      footer={
        <>
          <Button onClick={() => props.onAnswer(false)}>Cancel</Button>
          <Button
            variant="primary"
            ref={(element) => (paste = element)}
            onClick={() => props.onAnswer(true)}
          >
            Paste
          </Button>
        </>
      }
    >
      <pre class="terminal-paste-preview">{preview()}</pre>
    </Dialog>
  );
}
