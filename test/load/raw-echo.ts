/** The far end of the plain relay: sends back what comes. Takes the relay's port. */
import { once } from "node:events";
import { WebSocket } from "ws";

const [port = ""] = process.argv.slice(2);
const socket = new WebSocket(`ws://127.0.0.1:${port}/right`, { perMessageDeflate: false });
socket.on("message", (data, binary) => socket.send(data, { binary }));
await once(socket, "open");
process.stdout.write("ready\n");
