/**
 * The inside of the address translation of network-namespace.ts, run within the namespace: what connects to
 * `PORT` of its loopback goes out through the socket `PATH`, which leads to the other side. Prints when it serves.
 */
import { connect, createServer } from "node:net";

const [port = "", path = ""] = process.argv.slice(2);
const server = createServer((inside) => {
  const outside = connect({ path });
  for (const [from, to] of [
    [inside, outside],
    [outside, inside],
  ] as const) {
    from.on("error", () => undefined);
    from.on("close", () => to.destroy());
    from.pipe(to);
  }
});
server.listen(Number(port), "127.0.0.1", () => process.stdout.write("ready\n"));
