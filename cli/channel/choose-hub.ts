import { CommandError } from "../command-error.ts";
import { httpOrigin } from "../config/value-types.ts";
import type { StoredLogins } from "../local/stored-logins.ts";

/** Where `leapmux solo` listens unless told otherwise. */
const soloHub = "http://127.0.0.1:4327";

/** The hub that was named, else the one with a login here, else solo on this machine. */
export function chooseHub(named: string | undefined, logins: StoredLogins): string {
  if (named !== undefined) {
    const parsed = httpOrigin.safeParse(named);
    if (parsed.success) return parsed.data;
    throw new CommandError(
      "usage",
      `--hub ${parsed.error.issues[0]?.message ?? "is not an address"}`,
    );
  }
  const known = logins.loggedIn();
  const [only] = known;
  if (known.length <= 1) return only ?? soloHub;
  const next = `Name one with --hub: ${known.join(", ")}.`;
  throw new CommandError("usage", "this command line is logged in to several hubs", next);
}
