/**
 * A bad line between two parts, as TCP shows it to them: everything comes later, some of it much later and what
 * is behind it then as well, and at times the connection is gone. Works everywhere, without rights of root.
 */
import { once } from "node:events";
import { connect, createServer, type NetConnectOpts, type Socket } from "node:net";
import type { Cleanup } from "./make-cleanup.ts";

export interface PoorLink {
  /** 0 for one that listens on a path. */
  readonly port: number;
  /** Connections that were made so far. */
  readonly dialled: number;
  /** Packets that were lost and had to be sent again. */
  readonly lost: number;
  /** Resets everything that is open; new connections are taken again. */
  cut(): void;
}

export interface PoorLinkOptions {
  readonly target: NetConnectOpts;
  /** A free port of 127.0.0.1 unless said. */
  readonly listen?: { readonly port: number } | { readonly path: string };
  /** Each way, ms. */
  readonly delayMs?: number;
  /** Of a hundred packets so many are lost; evenly, so that each run meets the same. */
  readonly lossPercent?: number;
}

/** How long until a sender notices that something was lost: Linux waits at least so long, ms. */
const resendAfterMs = 200;

const packetBytes = 1448;

/** As much as a connection's own buffers would hold. */
const mostUnderWay = 256 * 1024;

export async function startPoorLink(
  cleanup: Cleanup,
  { target, listen = { port: 0 }, delayMs = 0, lossPercent = 0 }: PoorLinkOptions,
): Promise<PoorLink> {
  const sockets = new Set<Socket>();
  let dialled = 0;
  let packets = 0;
  let lost = 0;

  /** What one end sends arrives at the other in order, late. */
  function carry(from: Socket, to: Socket): void {
    let arrivesAtMs = 0;
    let underWay = 0;
    /** Timers of different lengths may change places at their end; what they deliver must not. */
    const queue: (() => void)[] = [];
    const later = (run: () => void): void => {
      arrivesAtMs = Math.max(arrivesAtMs, performance.now() + delayMs);
      queue.push(run);
      setTimeout(() => queue.shift()?.(), Math.max(0, arrivesAtMs - performance.now()));
    };
    from.on("data", (bytes: Buffer) => {
      packets += Math.ceil(bytes.length / packetBytes);
      const lostSoFar = Math.floor((packets * lossPercent) / 100);
      // All that was lost of one flight comes with the same second try.
      if (lostSoFar > lost) {
        lost = lostSoFar;
        arrivesAtMs = Math.max(arrivesAtMs, performance.now() + delayMs) + resendAfterMs + delayMs;
      }
      underWay += bytes.length;
      if (underWay > mostUnderWay) from.pause();
      later(() => {
        const arrived = (): void => {
          underWay -= bytes.length;
          if (underWay <= mostUnderWay) from.resume();
        };
        if (to.writable) to.write(bytes, arrived);
        else arrived();
      });
    });
    from.on("end", () => later(() => to.end()));
    from.on("error", () => undefined);
    from.on("close", () => {
      sockets.delete(from);
      later(() => to.destroy());
    });
  }

  const server = createServer({ allowHalfOpen: true }, (near) => {
    dialled += 1;
    const far = connect({ ...target, allowHalfOpen: true });
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      sockets.add(socket);
    }
    carry(near, far);
    carry(far, near);
  });
  server.listen("path" in listen ? listen.path : { ...listen, host: "127.0.0.1" });
  await once(server, "listening");
  const address = server.address();
  const cut = (): void => {
    for (const socket of sockets) {
      // Only TCP knows resets.
      if ("path" in listen) socket.destroy();
      else socket.resetAndDestroy();
    }
  };
  cleanup.add(async () => {
    server.close();
    cut();
    await once(server, "close");
  });
  return {
    port: address !== null && typeof address === "object" ? address.port : 0,
    get dialled() {
      return dialled;
    },
    get lost() {
      return lost;
    },
    cut,
  };
}
