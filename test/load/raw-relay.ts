/**
 * The baseline of the relay: a process of its own that passes WebSocket messages between two peers and
 * does nothing else. `/left` and `/right`; what one sends the other gets. Stops reading while the other
 * side is behind, as a fair relay must. Prints its port.
 */
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";

const highWaterBytes = 1024 * 1024;
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
const peers = new Map<string, WebSocket>();

server.on("connection", (socket, request) => {
  const side = request.url ?? "";
  const other = side === "/left" ? "/right" : "/left";
  peers.set(side, socket);
  socket.on("message", (data, isBinary) => {
    const target = peers.get(other);
    if (target === undefined) return;
    target.send(data, { binary: isBinary }, () => {
      if (target.bufferedAmount < highWaterBytes && socket.isPaused) socket.resume();
    });
    if (target.bufferedAmount >= highWaterBytes) socket.pause();
  });
});
server.on("listening", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
