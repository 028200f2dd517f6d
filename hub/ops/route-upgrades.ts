import { refuseUpgrade } from "./accept-upgrade.ts";
import type { Handlers } from "./listen.ts";

/** By exact path; what is none of these is no WebSocket. */
export function routeUpgrades(
  paths: Readonly<Record<string, Handlers["onUpgrade"]>>,
): Handlers["onUpgrade"] {
  const known = new Map(Object.entries(paths));
  return (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    const accept = known.get(request.url?.split("?", 1)[0] ?? "");
    if (accept === undefined) return refuseUpgrade(socket, 404, "There is nothing here.");
    accept(request, socket, head);
  };
}
