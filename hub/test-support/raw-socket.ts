import { connect, type Socket } from "node:net";

/** A TCP connection that a test speaks over byte by byte. */
export interface RawSocket {
  readonly socket: Socket;
  write(bytes: string | Uint8Array): void;
  /** One byte at a time for as long as the other side listens. Stops at the end of the bytes. */
  trickle(bytes: string | Uint8Array): void;
  /** Everything that came, once the other side closed. */
  readonly closed: Promise<string>;
}

export async function connectRaw(url: string): Promise<RawSocket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
  socket.on("error", () => undefined);
  const closed = new Promise<string>((resolve) => socket.on("close", () => resolve(text)));
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  socket.setNoDelay();
  return {
    socket,
    write: (bytes) => void socket.write(bytes),
    trickle(bytes) {
      const data = Buffer.from(bytes as string);
      let at = 0;
      const timer = setInterval(() => {
        if (at < data.length && socket.writable) socket.write(data.subarray(at, (at += 1)));
        else clearInterval(timer);
      }, 5);
    },
    closed,
  };
}

/** One HTTP/1 request as written here, headers and all; the whole answer. */
export async function requestRaw(url: string, head: string): Promise<string> {
  const raw = await connectRaw(url);
  raw.write(`${head.trim().replaceAll("\n", "\r\n")}\r\nconnection: close\r\n\r\n`);
  return raw.closed;
}
