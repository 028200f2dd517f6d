import type { ReadStream } from "node:tty";

/** Bytes that may wait for a program that does not read before its views have to wait as well. */
const highWaterBytes = 64 * 1024;

/**
 * The last step of a keystroke: terminal input becomes PTY bytes. Resolves when more may be written, so that
 * a program that does not read stops its views by their credit, and no memory grows.
 */
export function writePty(socket: ReadStream, data: Uint8Array): Promise<void> {
  if (socket.destroyed || !socket.writable || data.length === 0) return Promise.resolve();
  socket.write(data);
  if (socket.writableLength <= highWaterBytes) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off("drain", done);
      socket.off("close", done);
      resolve();
    };
    socket.on("drain", done);
    socket.on("close", done);
  });
}
