/** Two peers on the plain relay: the baseline that every figure of the relay is held against. */
import { once } from "node:events";
import { WebSocket } from "ws";
import type { Cleanup } from "../harness/cleanup.ts";
import { startChild } from "./child.ts";

export interface RawPeers {
  readonly left: WebSocket;
  readonly right: WebSocket;
}

export async function connectRawPeers(cleanup: Cleanup): Promise<RawPeers> {
  const relay = await startChild(cleanup, "./raw-relay.ts");
  const dial = async (side: string): Promise<WebSocket> => {
    const socket = new WebSocket(`ws://127.0.0.1:${relay.ready}/${side}`, {
      perMessageDeflate: false,
    });
    socket.binaryType = "nodebuffer";
    await once(socket, "open");
    cleanup.add(() => socket.terminate());
    return socket;
  };
  return { left: await dial("left"), right: await dial("right") };
}
