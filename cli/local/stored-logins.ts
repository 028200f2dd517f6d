// ~/.config/leapmux/logins.json: what `leapmux login` got, by the hub's origin, and where `leapmux open`
// serves each hub's frontend. The tokens in it are worth what the person may do there, so the file is
// 0600 in a 0700 folder and refused when wider.
import path from "node:path";
import { z } from "zod";
import { CommandError } from "../command-error.ts";
import { makePrivateFile, parseJson } from "./private-file.ts";

export interface StoredHub {
  readonly loginToken?: string | undefined;
  readonly username?: string | undefined;
  /** Where its frontend was served last: the same again, because what a browser keeps, it keeps by origin. */
  readonly port?: number | undefined;
  /** Of the host name below localhost. */
  readonly label?: string | undefined;
}

export interface StoredLogins {
  readonly file: string;
  /** Empty for a hub that nothing is known of. */
  read(hub: string): StoredHub;
  /** The hubs with a login. */
  loggedIn(): readonly string[];
  /** What is undefined in the change is forgotten. */
  change(hub: string, change: Partial<StoredHub>): void;
}

/** Login tokens as hubs make them; nothing else is ever sent as one. */
export const loginTokenForm = /^lml_[A-Za-z0-9_-]{43}$/;

const maxBytes = 1024 * 1024;
const storedHub = z.looseObject({
  login_token: z.string().regex(loginTokenForm).optional(),
  username: z.string().max(128).optional(),
  port: z.int().min(1).max(65_535).optional(),
  label: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/)
    .optional(),
});
// What a newer version has added is kept.
const storedFile = z.looseObject({ format: z.literal(1), hubs: z.record(z.string(), storedHub) });
type StoredFile = z.infer<typeof storedFile>;

export function makeStoredLogins(configHome: string): StoredLogins {
  const stored = makePrivateFile(path.join(configHome, "leapmux", "logins.json"), maxBytes);
  const file = stored.path;

  function load(): StoredFile {
    const text = stored.read();
    if (text === undefined) return { format: 1, hubs: {} };
    const parsed = storedFile.safeParse(parseJson(text));
    if (!parsed.success) throw damaged(file);
    return parsed.data;
  }

  return {
    file,
    read(hub) {
      const { hubs } = load();
      const known = Object.hasOwn(hubs, hub) ? hubs[hub] : undefined;
      const { login_token: loginToken, username, port, label } = known ?? {};
      return { loginToken, username, port, label };
    },
    loggedIn() {
      return Object.entries(load().hubs).flatMap(([hub, { login_token: loginToken }]) =>
        loginToken === undefined ? [] : [hub],
      );
    },
    change(hub, change) {
      // Read and written without a pause between, so two commands hardly ever meet; the rename is whole.
      const content = load();
      const { loginToken, ...rest } = change;
      const renamed = "loginToken" in change ? { ...rest, login_token: loginToken } : rest;
      content.hubs[hub] = { ...content.hubs[hub], ...renamed };
      stored.write(`${JSON.stringify(content, null, 2)}\n`);
    },
  };
}

function damaged(file: string): CommandError {
  const next = "Move it out of the way and log in again with `leapmux login`.";
  return new CommandError("failure", `${file} is damaged`, next);
}
