/**
 * The command line as a device of its own, with hub, worker and command line as the processes that people
 * start: login, first contact, approval from another device, a shell in a real terminal, its size, leaving and
 * coming back, exit codes, a hub that restarts under it, and the end by revocation.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { nativeScrypt } from "@leapmux/native/native-scrypt.ts";
import { TerminalState } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { deviceIdOf } from "@leapmux/shared/identity/device-id.ts";
import {
  deviceFingerprint,
  fingerprint,
  formatWords,
} from "@leapmux/shared/identity/fingerprint.ts";
import { expect, test } from "vitest";
import { runLeapmux } from "../cli/run-leapmux.ts";
import { cleanupAfterFile } from "../harness/cleanup.ts";
import { startLeapmux, untilReady } from "../harness/processes.ts";
import { runInTerminal, type TerminalProcess } from "../harness/run-in-terminal.ts";
import { startPairedProcesses } from "../harness/start-paired-processes.ts";
import { connectClient } from "../harness/test-client.ts";
import { makeTerminalView } from "../harness/terminal-view.ts";
import { until, within } from "../harness/until.ts";

const cleanup = cleanupAfterFile();
const { url, directory, hub, client: first, device, paired } = await startPairedProcesses(cleanup);
const { workerId } = paired;
const env = { HOME: directory, XDG_CONFIG_HOME: join(directory, "config") };
const kept = join(directory, "config/leapmux");

const shell = (...args: string[]): TerminalProcess =>
  runInTerminal(cleanup, ["shell", workerId, "--hub", url, ...args], { env });
const leapmux = (...args: string[]) => runLeapmux(cleanup, args, { env });
const ended = async (process: TerminalProcess): Promise<number> =>
  (await within(process.exited, `the end of ${process.text()}`)).code;
const workerWords = formatWords(
  (await fingerprint(paired.compositePublicKey, nativeScrypt)).longWords,
);

test("it logs in with a code that is approved in a browser", async () => {
  const login = startLeapmux(cleanup, ["login", url, "--json"], { env });
  const userCode = await until(
    () => /[A-Z0-9]{4}-[A-Z0-9]{4}/.exec(login.stdout())?.[0],
    "the code",
  );
  await createClient(AccountService, first.control).answerCliLogin({ userCode, approve: true });
  expect(await within(login.exited, "the login")).toMatchObject({ code: 0 });
  const workers = await leapmux("workers", "--json");
  expect(JSON.parse(workers.stdout)).toMatchObject({
    hub: url,
    workers: [{ worker_id: workerId, online: true, encryption_mode: "post-quantum" }],
  });
});

test("it meets the worker by its words, is approved by another device, and the shell's exit code is its own", async () => {
  const terminal = shell();
  await terminal.sees(workerWords);
  await terminal.sees("Are they the same?");
  terminal.type("yes\r");
  await terminal.sees("does not trust this command line yet");
  const request = await until(
    async () => (await first.mailbox.listApprovalRequests({})).requests[0],
    "the request",
  );
  const words = formatWords((await deviceFingerprint(request.devicePublicKey, nativeScrypt)).words);
  await terminal.sees(`leapmux worker devices approve ${words}`);
  expect(JSON.parse((await leapmux("device", "--json")).stdout)).toMatchObject({
    words,
    state: "not approved",
  });
  const subject = { publicKey: request.devicePublicKey, userId: first.userId };
  await first.mailbox.answerApproval({
    requestId: request.requestId,
    grant: {
      issuerDeviceId: device.deviceId,
      subjectDeviceId: deviceIdOf(request.devicePublicKey),
      signedGrant: await device.grant(subject as typeof device),
    },
  });
  await terminal.sees("~. leaves the terminal running");
  terminal.type("echo out-$((6 * 7)); exit 7\r");
  await until(() => terminal.text().includes("out-42"), "the output");
  expect(await ended(terminal)).toBe(7);
  expect(JSON.parse((await leapmux("device", "--json")).stdout)).toMatchObject({
    words,
    state: "approved",
    approvals: [{ by: device.deviceId }],
  });
  // What it keeps is for its owner alone, and no secret was on the screen.
  for (const file of readdirSync(kept)) expect(statSync(join(kept, file)).mode & 0o777).toBe(0o600);
  const keyFile = readdirSync(kept).find((file) => file.startsWith("device-")) ?? "";
  const key = JSON.parse(readFileSync(join(kept, keyFile), "utf8")) as Record<string, string>;
  for (const secret of [key["ed25519_private_key"], key["ml_dsa_seed"]]) {
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(terminal.text()).not.toContain(secret);
  }
});

test("the size follows the terminal, ~. leaves it running, --attach comes back to it", async () => {
  const terminal = shell();
  await terminal.sees("~. leaves the terminal running");
  terminal.type("stty size\r");
  await terminal.sees("24 80");
  terminal.resize(101, 31);
  terminal.type("until [ \"$(stty size)\" = '31 101' ]; do :; done; echo size-$((1 + 1))\r");
  await terminal.sees("size-2");
  terminal.type("echo ke''pt; LEFT=here\r");
  await terminal.sees("kept");
  terminal.type("\r~.");
  expect(await ended(terminal)).toBe(0);
  const id = /--attach (tab_[\w-]+)/.exec(terminal.text())?.[1] ?? "";

  const listed = await leapmux("shell", workerId, "--hub", url, "--list", "--json");
  expect(JSON.parse(listed.stdout)).toMatchObject({
    terminals: [{ terminal_id: id, state: "running" }],
  });
  const back = shell("--attach", id.slice(0, 12));
  await back.sees("kept");
  back.type("echo $LEFT-again\r");
  await back.sees("here-again");
  back.type("exit 3\r");
  expect(await ended(back)).toBe(3);
  expect((await leapmux("shell", workerId, "--hub", url, "--list")).stdout).toBe(
    "No terminal is open.\n",
  );
});

test("a command runs in place of a shell: its bytes, its exit code, nothing else on stdout", async () => {
  const ran = await leapmux(
    "shell",
    workerId,
    "--hub",
    url,
    "--command",
    "printf",
    "'a\\tb\\n';",
    "exit",
    "5",
  );
  expect(ran).toMatchObject({ code: 5, stdout: "a\tb\r\n" });
  const killed = await leapmux("shell", workerId, "--hub", url, "--command", "kill -9 $$");
  expect(killed).toMatchObject({ code: 137, stdout: "" });
});

test("output is drawn as it came, but for what a terminal would answer a second time", async () => {
  const terminal = shell(
    "--command",
    "stty -opost; printf 'x1\\nx2\\033[6nx3\\033]52;c;QQ==\\007x4'",
  );
  expect(await ended(terminal)).toBe(0);
  // A line feed alone only moves down: nothing here may add to it.
  expect(terminal.text()).toContain("x1\nx2x3x4");
});

test("a reader that stops makes the program wait, and gets every line once", async () => {
  const terminal = shell(
    "--command",
    "i=0; while [ $i -lt 150000 ]; do echo line-$i-; i=$((i+1)); done",
  );
  terminal.pause();
  const { terminals } = await first.channel({ workerId, claim: device.claim });
  const id = await until(async () => {
    const listed = await leapmux("shell", workerId, "--hub", url, "--list", "--json");
    return /tab_[\w-]{22}/.exec(listed.stdout)?.[0];
  }, "the terminal");
  // More than everything between can hold: the program waits, whoever asks and whenever.
  const { terminal: waiting } = await terminals.getTerminal({ terminalId: id });
  expect(waiting?.state).toBe(TerminalState.RUNNING);
  terminal.resume();
  expect(await ended(terminal)).toBe(0);
  const seen = [...terminal.text().matchAll(/line-(\d+)-/g)].map(([, number]) => Number(number));
  expect(seen).toEqual(Array.from({ length: 150_000 }, (_, number) => number));
});

test("its hub restarts under it: it says so and goes on without losing or doubling a byte", async () => {
  const terminal = shell();
  await terminal.sees("~. leaves the terminal running");
  terminal.type(
    "for i in 0 1 2 3; do echo num-$i-; done; read go; for i in 4 5 6; do echo num-$i-; done\r",
  );
  await terminal.sees("num-3-");
  await hub.kill();
  await terminal.sees("The connection was lost");
  const again = startLeapmux(cleanup, [
    ...["hub", "--dev-frontend", "http://127.0.0.1:9", "--listen", new URL(url).host],
    ...["--data-dir", join(directory, "hub")],
  ]);
  await untilReady(again, url);
  await terminal.sees("Connected again", 60_000);
  terminal.type("\r");
  await terminal.sees("num-6-");
  // The command as it was typed holds no digit there, wherever the shell's own marks stand.
  const seen = [...terminal.text().matchAll(/num-(\d)-/g)].map(([, number]) => Number(number));
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6]);
  terminal.type("exit\r");
  expect(await ended(terminal)).toBe(0);
}, 120_000);

test("killed by SIGTERM it puts the terminal's mode back and leaves the shell running", async () => {
  const terminal = runInTerminal(cleanup, ["shell", workerId, "--hub", url], {
    env,
    after: "stty -a",
  });
  await terminal.sees("~. leaves the terminal running");
  terminal.type("printf '\\033[?1049h\\033[?1000h'; echo on-$((1+1)); echo $$\r");
  await terminal.sees("on-2");
  const pid = await until(() => childOf(terminal.pid), "the process");
  process.kill(pid, "SIGTERM");
  expect(await ended(terminal)).toBe(143);
  expect(terminal.text()).toContain("\u001b[?1049l");
  expect(terminal.text()).toContain("\u001b[?1000l");
  expect(terminal.text()).toMatch(/[^-]icanon/);
  expect(terminal.text()).toMatch(/[^-]opost/);
  expect(terminal.text()).toMatch(/--attach tab_/);
});

test("revoked on another device, it ends with the reason and 254, and what ran there runs on", async () => {
  const id = `tab_${"r".repeat(22)}`;
  const mine = await connectClient(cleanup, url, { device });
  const channel = await mine.channel({ workerId });
  await channel.terminals.openTerminal({ terminalId: id, workspaceId: "w", cols: 80, rows: 24 });
  const terminal = shell("--attach", id);
  await terminal.sees("~. leaves the terminal running");
  const listed = JSON.parse((await leapmux("device", "--json")).stdout) as { device_id: string };
  const devices = (await channel.devices.listDevices({})).devices;
  const found = devices.find(({ deviceId }) => deviceId === listed.device_id);
  const subject = { publicKey: found?.devicePublicKey ?? new Uint8Array(), userId: mine.userId };
  await mine.mailbox.putRevocation({
    deviceId: listed.device_id,
    signedRevocation: await device.revoke(subject as typeof device),
  });
  expect(await ended(terminal)).toBe(254);
  expect(terminal.text()).toContain("does not trust this device any more");
  expect(JSON.parse((await leapmux("device", "--json")).stdout)).toMatchObject({
    state: "revoked",
    revoked_by: [device.deviceId],
  });
  const view = makeTerminalView(id);
  await view.attach(channel.terminals);
  view.type("echo still-$((1 + 1))\r");
  await view.untilText("still-2");
});

/** The command below the shell that was started around it. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
}
