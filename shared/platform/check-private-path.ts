/**
 * Which paths may hold keys and what is to be kept from other users of the machine: one rule for the hub,
 * the worker and the command line, which share nothing that may read a disk. Each asks its file system
 * itself (lstat and stat) and has this judge the answers.
 */

/** What node:fs says of a path. */
export interface PathStats {
  readonly uid: number;
  readonly mode: number;
  isFile(): boolean;
  isDirectory(): boolean;
}

type Kind = "file" | "directory";

export class PrivatePathError extends Error {
  override readonly name = "PrivatePathError";
  readonly code: "not_ours" | "too_open" | "wrong_kind";
  /** The message without its subject. */
  readonly problem: string;
  /** The next step. */
  readonly next: string;

  constructor(
    code: PrivatePathError["code"],
    subject: string,
    { problem, next }: { problem: string; next: string },
  ) {
    super(`${subject} ${problem}`);
    this.code = code;
    this.problem = problem;
    this.next = next;
  }
}

const rootUserId = 0;

/** Throws a PrivatePathError unless it is a file or directory of ours that nobody else may read. */
export function checkPrivatePath(options: {
  readonly path: string;
  readonly what: Kind;
  /** Of the path itself, a symbolic link perhaps. */
  readonly own: Pick<PathStats, "uid">;
  /** Of where it leads. */
  readonly target: PathStats;
  /** Undefined where the system knows no users; there nothing can be told of them either. */
  readonly userId: number | undefined;
  /** Of a directory: members of its group may see names (0750), for what is in it is closed by itself. */
  readonly groupMayList?: boolean;
}): void {
  const { path, what, own, target, userId } = options;
  const subject = `the ${what} ${path}`;
  if (what === "file" ? !target.isFile() : !target.isDirectory()) {
    const next = "Move it out of the way, then start again.";
    throw new PrivatePathError("wrong_kind", subject, { problem: `is not a ${what}`, next });
  }
  if (userId === undefined) return;
  // Whoever owns a link can lead it elsewhere tomorrow. The administrator could do so in any case.
  if (target.uid !== userId || (own.uid !== userId && own.uid !== rootUserId)) {
    const problem = "belongs to another user of this machine";
    throw new PrivatePathError("not_ours", subject, { problem, next: "Start as that user." });
  }
  const forbidden = what === "directory" && options.groupMayList === true ? 0o027 : 0o077;
  if ((target.mode & forbidden) === 0) return;
  const mode = (target.mode & 0o777).toString(8).padStart(4, "0");
  const command = `chmod ${what === "file" ? "600" : "700"} ${quote(path)}`;
  throw new PrivatePathError("too_open", subject, {
    problem: `is open to other users of this machine (mode ${mode}), and secrets live there`,
    next: `If you trust what is in it, close it with \`${command}\` and start again.`,
  });
}

/** As a shell takes it for one word. */
function quote(path: string): string {
  return /^[\w./@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
