import type { Socket } from "node:net";
import type { Clock } from "@leapmux/shared/platform/platform.ts";

/** RFC 9113 §3.4: how every HTTP/2 connection begins. No HTTP/1 request can look like it. */
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/**
 * Tells HTTP/2 from HTTP/1 by the first bytes of a connection, however they are cut, and puts them back.
 * HTTP/1 is certain at the first byte that differs; HTTP/2 at the last one of the preface. A socket that
 * has decided nothing by the deadline is destroyed and `found` never called.
 */
export function sniffProtocol(
  socket: Socket,
  options: { readonly clock: Clock; readonly timeoutMs: number },
  found: (protocol: "http1" | "http2") => void,
): void {
  let seen: Buffer = Buffer.alloc(0);
  const stop = (): void => {
    cancel();
    socket.off("data", onData);
    socket.off("close", stop);
  };
  const cancel = options.clock.after(options.timeoutMs, () => {
    stop();
    socket.destroy();
  });

  function onData(chunk: Buffer): void {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const length = Math.min(seen.length, preface.length);
    const isHttp2 = seen.compare(preface, 0, length, 0, length) === 0;
    if (isHttp2 && length < preface.length) return;
    stop();
    // The server that takes over must find the stream paused and whole.
    socket.pause();
    socket.unshift(seen);
    found(isHttp2 ? "http2" : "http1");
  }

  socket.on("data", onData);
  socket.on("close", stop);
}
