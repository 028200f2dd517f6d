/** What a person runs on the machine that is to become a worker. */
export interface RegistrationCommand {
  readonly hubUrl: string;
  /** `lmk_….P`: the hub's part and, behind the dot, the pairing secret that the hub never sees. */
  readonly key: string;
  /** What the hub shall call it; empty: what the machine calls itself. */
  readonly name: string;
  /** The flags of a command are to be seen by everybody on its machine; its environment is not. */
  readonly isShared: boolean;
}

export function formatRegistrationCommand(command: RegistrationCommand): string {
  const { hubUrl, key, isShared } = command;
  const name = command.name.trim();
  const words = ["leapmux worker", `--hub ${hubUrl}`];
  if (!isShared) words.push(`--registration-key ${key}`);
  if (name !== "") words.push(`--name ${quote(name)}`);
  const line = words.join(" ");
  // Behind a space most shells keep a line out of their history.
  return isShared ? ` LEAPMUX_WORKER_REGISTRATION_KEY=${key} ${line}` : line;
}

/** For a POSIX shell: whatever a name holds, it stays one word. */
function quote(text: string): string {
  return /^[\w.-]+$/.test(text) && !text.startsWith("-")
    ? text
    : `'${text.replaceAll("'", `'\\''`)}'`;
}
