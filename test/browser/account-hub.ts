/** A hub without anybody at first, its pages built, and what is done at it meanwhile by no page of the test. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createClient } from "@connectrpc/connect";
import {
  acceptInvitation,
  connectAs,
  type Credentials,
  logIn,
  type LoggedIn,
  setUpFirstAdmin,
} from "@leapmux/hub/test-support/log-in.ts";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { type CliLoginState, LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import type { Cleanup } from "../harness/make-cleanup.ts";
import { startHub } from "../harness/start-hub.ts";

/** The first account in all these tests. */
export const ada = {
  username: "ada-lovelace",
  displayName: "Ada Lovelace",
  password: "analytical engine no 1",
};

const frontendDir = join(import.meta.dirname, "../../frontend/dist");

export interface AccountHub {
  /** By name: passkeys know no addresses. */
  readonly url: string;
  /** As it was printed, by that name. */
  readonly setUpUrl: string;
  /** The first one is Ada, an admin; the others are invited by her. Leaves no login behind. */
  addUser(account: Credentials, role?: "admin" | "user"): Promise<void>;
  /** Returns its address. Leaves no login behind. */
  addWorkspace(owner: Credentials): Promise<string>;
  /** Runs calls with a login of its own, which ends with them. */
  as<Result>(who: Credentials, run: (login: LoggedIn) => Promise<Result>): Promise<Result>;
  /** What an admin does to the logins of somebody. */
  endLogins(of: Credentials, by: Credentials, how: EndedBy): Promise<void>;
  /** By Ada. */
  setRole(of: Credentials, role: "admin" | "user"): Promise<void>;
  /** As if nobody had used any login for a week. */
  expireLogins(): void;
  /** A command line that asks to be let in. */
  startCommandLine(): Promise<CommandLine>;
  /** Links that stood, those that ended included. */
  linksOpened(): number;
}

export type EndedBy = "ended" | "password reset" | "account deleted";

export interface CommandLine {
  /** XXXX-XXXX. */
  readonly code: string;
  /** Asks once; logs it in where it was approved. */
  poll(): Promise<CliLoginState>;
}

export async function startAccountHub(cleanup: Cleanup): Promise<AccountHub> {
  const started = await startHub(cleanup, { kind: "hub", isEmpty: true, frontendDir });
  const url = `http://localhost:${started.port}`;
  const setUpUrl = started.hub.setUpUrl?.replace(started.url, url);
  if (setUpUrl === undefined) throw new Error("there is somebody already");

  const logOut = ({ transport }: LoggedIn) => createClient(LoginService, transport).logOut({});
  const as: AccountHub["as"] = async (who, run) => {
    const login = await logIn(url, who);
    const result = await run(login);
    await logOut(login);
    return result;
  };

  async function invite(account: Credentials, role: Role): Promise<LoggedIn> {
    const { token } = await as(ada, ({ transport }) =>
      createClient(AdminService, transport).invite({ role }),
    );
    return acceptInvitation(url, token, account);
  }

  return {
    url,
    setUpUrl,
    as,
    async addUser(account, role = "user") {
      const info = await createClient(SystemService, connectAs(url)).getSystemInfo({});
      if (info.setupRequired) {
        await logOut(await setUpFirstAdmin(url, setUpUrl, account));
      } else {
        await logOut(await invite(account, role === "admin" ? Role.ADMIN : Role.USER));
      }
    },
    addWorkspace: (owner) =>
      as(owner, async ({ transport }) => {
        const workspaces = createClient(WorkspaceService, transport);
        const { workspace } = await workspaces.createWorkspace({ title: "Compilers" });
        return `/w/${workspace?.workspaceId}`;
      }),
    setRole: (of, role) =>
      as(ada, async ({ transport }) => {
        const calls = createClient(AdminService, transport);
        const { user } = await calls.getUser({ username: of.username });
        const wanted = role === "admin" ? Role.ADMIN : Role.USER;
        await calls.setRole({ userId: user?.userId ?? "", role: wanted });
      }),
    endLogins: (of, by, how) =>
      as(by, async ({ transport }) => {
        const calls = createClient(AdminService, transport);
        const { users } = await calls.listUsers({});
        const userId = users.find(({ username }) => username === of.username)?.userId ?? "";
        if (how === "ended") await calls.endLoginsOf({ userId });
        else if (how === "password reset") await calls.resetPassword({ userId });
        else await calls.deleteUser({ userId, username: of.username });
      }),
    expireLogins() {
      const database = new DatabaseSync(join(started.directory, "hub/hub.db"));
      database.exec("pragma busy_timeout = 5000; update logins set expires_at_ms = 1");
      database.close();
    },
    async startCommandLine() {
      const userAgent = { "user-agent": "leapmux/0.1.0 (linux; x64)" };
      const calls = createClient(LoginService, connectAs(url, userAgent));
      const { deviceCode, userCode } = await calls.startCliLogin({});
      return {
        code: userCode,
        poll: async () => (await calls.pollCliLogin({ deviceCode })).state,
      };
    },
    linksOpened: () => started.log.filter((line) => line.includes("client link open")).length,
  };
}
