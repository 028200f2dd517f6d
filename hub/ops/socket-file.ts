import { lstatSync, unlinkSync } from "node:fs";
import { connect } from "node:net";

/** Sockets in the file system: for this user alone, and gone when their hub is. */

/** Whatever `bind` makes gets mode 0600 from its first moment on: Node binds before it returns. */
export function bindPrivately(bind: () => void): void {
  const former = process.umask(0o177);
  try {
    bind();
  } finally {
    process.umask(former);
  }
}

/** A hub that was killed leaves its socket behind. One that somebody still answers on stays, and so does any other file. */
export async function removeStaleSocket(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return;
  const isAnswered = await new Promise<boolean>((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => resolve(true));
    socket.once("error", (error) => {
      resolve(!("code" in error && error.code === "ECONNREFUSED"));
    });
    socket.once("connect", () => socket.destroy());
  });
  if (!isAnswered) unlinkSync(path);
}
