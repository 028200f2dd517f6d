// What `hub` and `dev` say once they serve: where people go, and what the first of them has to do.
import type { Hub } from "@leapmux/hub/context.ts";
import { formatAddress } from "./config/value-types.ts";
import type { Output } from "./output.ts";
import type { SettingsWithLogins } from "./start-hub.ts";

export function printHub(hub: Hub, settings: SettingsWithLogins, output: Output): void {
  const { publicUrl, listen, dataDir } = settings;
  if (hub.isExposed && publicUrl === undefined) {
    output.warn(
      [
        `the hub listens on ${formatAddress(listen)}, beyond this machine, and speaks plain HTTP.`,
        "Passwords and logins can be read on the way. Put a proxy with TLS in front and name it",
        "with --public-url https://…, or listen on 127.0.0.1.",
      ].join("\n"),
    );
  }
  output.print(`LeapMux hub is ready at ${publicUrl ?? hub.address.url}`);
  if (settings.localListen !== undefined) output.print(`and at unix:${settings.localListen}`);
  output.print(`Data: ${dataDir}`);
  if (hub.setUpUrl !== null) {
    output.print("There is no account yet. Open this address, once, to make the first one:");
    output.print(`  ${hub.setUpUrl}`);
  }
  output.print("Stop with Ctrl-C.");
}
