/**
 * The command line before anybody trusts it, and when its login ends: declined, given up, approved on the
 * worker's own machine, and an end of the login under an open shell. Real processes, real terminals.
 */
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { nativeScrypt } from "@leapmux/native/native-scrypt.ts";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { fingerprint, formatWords } from "@leapmux/shared/identity/fingerprint.ts";
import { expect, test } from "vitest";
import { runLeapmux } from "../cli/run-leapmux.ts";
import { cleanupAfterFile } from "../harness/cleanup.ts";
import { startLeapmux } from "../harness/processes.ts";
import { runInTerminal, type TerminalProcess } from "../harness/run-in-terminal.ts";
import { startPairedProcesses } from "../harness/start-paired-processes.ts";
import { until, within } from "../harness/until.ts";

const cleanup = cleanupAfterFile();
const { url, directory, client: first, paired } = await startPairedProcesses(cleanup);
const { workerId, dataDir } = paired;
const env = { HOME: directory, XDG_CONFIG_HOME: join(directory, "config") };
const account = createClient(AccountService, first.control);
const words = formatWords((await fingerprint(paired.compositePublicKey, nativeScrypt)).longWords);

const leapmux = (...args: string[]) => runLeapmux(cleanup, args, { env });
const shell = (after?: string): TerminalProcess =>
  runInTerminal(cleanup, ["shell", workerId, "--hub", url, "--trust", words], {
    env,
    ...(after === undefined ? {} : { after }),
  });
const ended = async (process: TerminalProcess): Promise<number> =>
  (await within(process.exited, `the end of ${process.text()}`)).code;

async function logIn(): Promise<void> {
  const login = startLeapmux(cleanup, ["login", url, "--json"], { env });
  const form = /[A-Z0-9]{4}-[A-Z0-9]{4}/;
  const userCode = await until(() => form.exec(login.stdout())?.[0], "the code");
  await account.answerCliLogin({ userCode, approve: true });
  expect(await within(login.exited, "the login")).toMatchObject({ code: 0 });
}

test("without a login it says how to get one, and ends with 254", async () => {
  const ran = await leapmux("shell", "--hub", url, "--command", "true");
  expect(ran).toMatchObject({ code: 254, stdout: "" });
  expect(ran.stderr).toContain(`leapmux login ${url}`);
  await logIn();
});

test("declined on another device, it ends with 254", async () => {
  const terminal = shell();
  const request = await until(
    async () => (await first.mailbox.listApprovalRequests({})).requests[0],
    "the request",
  );
  await terminal.sees("Ctrl-C gives up");
  await first.mailbox.answerApproval({ requestId: request.requestId });
  expect(await ended(terminal)).toBe(254);
  expect(terminal.text()).toContain("was declined");
});

test("Ctrl-C gives up the wait", async () => {
  const terminal = shell("stty -a");
  await terminal.sees("Ctrl-C gives up");
  terminal.type("\u0003");
  expect(await ended(terminal)).toBe(130);
  expect(terminal.text()).toMatch(/[^-]icanon/);
});

test("approved on the worker's own machine, by the words on the screen, it opens by itself", async () => {
  const terminal = shell();
  await terminal.sees(/devices approve (\w+-){3}\w+/);
  const shown = /devices approve ((?:\w+-){3}\w+)/.exec(terminal.text())?.[1] ?? "";
  const approved = await leapmux("worker", "devices", "approve", shown, "--data-dir", dataDir);
  expect(approved).toMatchObject({ code: 0 });
  await terminal.sees("~. leaves the terminal running", 45_000);
  terminal.type("exit\r");
  expect(await ended(terminal)).toBe(0);
}, 90_000);

test("a command whose reader has gone is ended, as in any pipe", async () => {
  const terminal = runInTerminal(
    cleanup,
    ["shell", workerId, "--hub", url, "--command", "while :; do echo more; done"],
    { env, through: "head -n 2" },
  );
  expect(await ended(terminal)).toBe(0);
  expect(terminal.text()).toContain("more\r\n");
  await until(async () => {
    const listed = await leapmux("shell", workerId, "--hub", url, "--list");
    return listed.stdout === "No terminal is open.\n";
  }, "the end of the command");
});

test("a login that is ended elsewhere ends the shell with the reason and 254", async () => {
  const terminal = shell("stty -a");
  await terminal.sees("~. leaves the terminal running");
  const { logins } = await account.listLogins({});
  for (const { loginId, current } of logins) if (!current) await account.endLogin({ loginId });
  expect(await ended(terminal)).toBe(254);
  expect(terminal.text()).toContain("was ended");
  expect(terminal.text()).toMatch(/[^-]icanon/);
});
