import { realpathSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TerminalState } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { makeProcessTable } from "./process-table.ts";
import { makeGate } from "./test-gate.ts";
import { attach, startTestWorker, type TestWorker, testUser } from "./test-terminals.ts";

/** Until it holds; the machine may be busy. */
const patient = { timeout: 15_000, interval: 20 };

let worker: TestWorker;
beforeEach(async () => {
  worker = await startTestWorker({
    variables: { LEAPMUX_SECRET: "x", npm_config_foo: "y", TMUX: "z", KEPT: "yes" },
  });
});
afterEach(() => worker.stop());

test("a login shell, interactive, with the right terminal and without our own variables", async () => {
  await writeFile(join(worker.home, ".profile"), "LOGIN=was-read\n");
  const terminal = await worker.open("t");
  const view = await attach(terminal);
  await view.type(
    "echo [$-] $LOGIN $TERM $COLORTERM $LANG $SHELL $KEPT; env | grep -c -e LEAPMUX -e npm_ -e TMUX; tty\r",
  );
  const text = await view.see(/\/dev\/\S+\r\n/);
  expect(text).toMatch(
    /\[\w*i\w*\] was-read xterm-256color truecolor C\.UTF-8 \/bin\/sh yes\r\n0\r\n/,
  );
});

test("without the login shell the profile is left alone, and it is interactive all the same", async () => {
  const plain = await startTestWorker({ useLoginShell: false });
  onTestFinished(() => plain.stop());
  await writeFile(join(plain.home, ".profile"), "LOGIN=was-read\n");
  const terminal = await plain.open("t");
  const view = await attach(terminal);
  await view.type("echo [$-] login=$LOGIN.\r");
  expect(await view.see(/\] login=\.\r\n/)).toMatch(/\[\w*i\w*\] login=\.\r\n/);
});

test("the size that a view brings and changes is what stty sees", async () => {
  const terminal = await worker.open("t");
  const view = await attach(terminal, { cols: 101, rows: 31 });
  await view.type("stty size\r");
  await view.see("31 101");
  const value = {
    $typeName: "leapmux.sealed.v1.AttachTerminalRequest.Resize",
    cols: 55,
    rows: 12,
  } as const;
  await view.view.receive({ case: "resize", value });
  // Told without anything being printed.
  let told: unknown;
  do told = (await view.seeEvent("resized")).value;
  while ((told as { cols?: number }).cols !== 55);
  await view.type("stty size\r");
  await view.see("12 55");
  expect(terminal.describe()).toMatchObject({ cols: 55, rows: 12 });
});

test("a shell holds its own terminal and nothing else that is ours", async () => {
  await worker.open("other");
  const view = await attach(await worker.open("t"));
  await view.type(
    "ls -l /proc/$$/fd | grep -c -e ptmx -e worker.db -e pipe -e socket; echo d''one\r",
  );
  expect(await view.see("done")).toMatch(/\D0\r\ndone/);
});

test("exit codes and signals are told after all output, and Enter starts anew below", async () => {
  const terminal = await worker.open("t");
  const view = await attach(terminal);
  await view.type("echo la''st; exit 7\r");
  await view.see("last");
  expect(await view.seeState(TerminalState.EXITED)).toMatchObject({ exitCode: 7 });

  await worker.terminals.restart(terminal);
  expect(await view.seeState(TerminalState.RUNNING)).not.toHaveProperty("exitCode");
  await view.type("echo agai''n; kill -9 $$\r");
  await view.see("again");
  expect(await view.seeState(TerminalState.EXITED)).toMatchObject({ exitSignal: 9 });
  expect(await view.screen()).toMatch(/last[^]*again/);
});

test("what a paused terminal still holds when its shell ends is not lost", async () => {
  const terminal = await worker.open("t");
  const view = await attach(terminal);
  // More than a view may be behind, then the end; nobody reads until the shell waits or is gone.
  await view.type("seq 1 100000; exit 3\r");
  expect(await view.seeState(TerminalState.EXITED)).toMatchObject({ exitCode: 3 });
  expect(view.text).toContain("99999\r\n100000\r\n");
});

test("a view that does not read stops the program, and in the end everything came, in order", async () => {
  const terminal = await worker.open("t");
  const view = await attach(terminal);
  await view.type("stty -onlcr; seq 1000000 1999999; echo en''d\n");
  await view.see("1000100");

  // Where the output stands is where a new view's snapshot says that it goes on.
  let endedAt = -1n;
  await expect
    .poll(async () => {
      const other = await attach(terminal, { viewId: "other" });
      const { value } = await other.seeEvent("snapshot");
      other.leave();
      const before = endedAt;
      endedAt = value.position?.offset ?? 0n;
      return endedAt === before;
    }, patient)
    .toBe(true);
  expect(endedAt - view.offset).toBeLessThan(512n * 1024n);
  expect(endedAt - view.offset).toBeGreaterThan(128n * 1024n);

  await view.see("\nend\n");
  expect(view.outputBytes).toBeGreaterThan(8_000_000);
  const tail = Array.from({ length: 1000 }, (_, index) => `${1_999_000 + index}\n`).join("");
  expect(view.text).toContain(`${tail}end\n`);
});

test("closing ends every process of the terminal, whatever it ignores", async () => {
  const terminal = await worker.open("t");
  const view = await attach(terminal);
  const pids = join(worker.home, "pids");
  // In job control each background job is a process group of its own.
  await view.type(
    `set -m; nohup sleep 1000 >/dev/null 2>&1 & echo $! >> ${pids}; (trap '' HUP TERM; echo $$ >/dev/null; sleep 1001) & echo $! >> ${pids}; sleep 1002 & kill -STOP $!; echo $! >> ${pids}; echo rea''dy\r`,
  );
  await view.see("ready");
  const started = (await readFile(pids, "utf8")).trim().split("\n").map(Number);
  expect(started).toHaveLength(3);
  const table = makeProcessTable();
  for (const pid of started) expect(await table.find(pid)).not.toBeNull();
  await worker.terminals.close(testUser, "t");
  for (const pid of started) {
    const found = await table.find(pid);
    expect(found === null || found.isZombie).toBe(true);
  }
  expect(() => worker.terminals.get(testUser, "t")).toThrow("no such terminal");
  await worker.terminals.close(testUser, "t");
});

test("jobs that outlived the shell end with the terminal", async () => {
  const terminal = await worker.open("t");
  const view = await attach(terminal);
  const pidFile = join(worker.home, "pid");
  await view.type(`nohup sleep 1000 >/dev/null 2>&1 & echo $! > ${pidFile}; exit\r`);
  await view.seeState(TerminalState.EXITED);
  const pid = Number(await readFile(pidFile, "utf8"));
  const table = makeProcessTable();
  expect((await table.find(pid))?.isZombie).toBe(false);
  await worker.terminals.close(testUser, "t");
  expect((await table.find(pid))?.isZombie ?? true).toBe(true);
});

test("input that is sent twice counts once; a gap is refused", async () => {
  const terminal = await worker.open("t");
  const view = await attach(terminal);
  await view.type("echo a''b\r");
  await view.see("ab\r\n");
  view.leave();

  // The page did not hear what was accepted and sends it all again.
  const again = await attach(terminal, { inputSent: 10n });
  const attached = await again.seeEvent("attached");
  expect(attached.value.inputAccepted).toBe(10n);
  again.inputSent = 0;
  await again.type("echo a''b\recho c''d\r");
  await again.see("cd\r\n");
  expect(await again.screen()).not.toMatch(/ab[^]*ab/);
  again.inputSent += 1;
  await expect(again.type("x")).rejects.toThrow("input is missing");
  again.leave();
  await expect(attach(terminal, { inputSent: 3n })).rejects.toThrow("needs a new id");
});

test("a view that comes back gets exactly what it missed", async () => {
  const terminal = await worker.open("t");
  const view = await attach(terminal);
  await view.type("echo one''two\r");
  await view.see("onetwo");
  view.leave();
  const { epoch, offset } = view;
  const other = await attach(terminal, { viewId: "view-2" });
  await other.type("echo miss''ed\r");
  await other.see("missed\r\n");

  const resumeFrom = { $typeName: "leapmux.sealed.v1.OutputPosition", epoch, offset } as const;
  const back = await attach(terminal, { resumeFrom, inputSent: BigInt(view.inputSent) });
  expect((await back.seeEvent("attached")).value.resumed).toBe(true);
  expect(await back.see("missed\r\n")).not.toContain("onetwo");
  expect(back.events.some((event) => event.case === "snapshot")).toBe(false);
});

test("a command is run in place of the shell, and who follows from the opening on gets its bytes as they are", async () => {
  const terminal = await worker.open("t", { command: "printf 'a\\tb\\n'; exit 7" });
  const { outputEpoch: epoch = "" } = terminal.describe();
  const resumeFrom = { $typeName: "leapmux.sealed.v1.OutputPosition", epoch, offset: 0n } as const;
  const view = await attach(terminal, { resumeFrom });
  expect((await view.seeEvent("attached")).value.resumed).toBe(true);
  expect(await view.seeState(TerminalState.EXITED)).toMatchObject({ exitCode: 7 });
  expect(view.text).toBe("a\tb\r\n");
  expect(view.events.some((event) => event.case === "snapshot")).toBe(false);
});

test("the same view attached twice: the newer one stays", async () => {
  const terminal = await worker.open("t");
  const old = await attach(terminal);
  const fresh = await attach(terminal);
  await expect(old.see("never")).rejects.toThrow("attached again");
  await fresh.type("echo o''k\r");
  await fresh.see("ok");
});

test("the view where somebody acted last decides the size", async () => {
  const terminal = await worker.open("t");
  await attach(terminal, { viewId: "desktop", cols: 200, rows: 50 });
  const phone = await attach(terminal, { viewId: "phone", cols: 40, rows: 20 });
  // What changes before it would be told by it.
  await phone.seeEvent("snapshot");
  expect(terminal.describe()).toMatchObject({ cols: 200, rows: 50 });
  const value = { $typeName: "leapmux.sealed.v1.AttachTerminalRequest.Focus" } as const;
  await phone.view.receive({ case: "focus", value });
  expect(terminal.describe()).toMatchObject({ cols: 40, rows: 20 });
  let told: unknown;
  do told = (await phone.seeEvent("resized")).value;
  while ((told as { cols?: number }).cols !== 40);
  expect(told).toMatchObject({ rows: 20 });
});

test("a terminal is closed in the middle of a snapshot, and its view ends", async () => {
  const gate = makeGate();
  const slow = await startTestWorker({ nextTurn: gate.nextTurn });
  const view = await attach(await slow.open("t"));
  await view.seeEvent("attached");
  const rest = view.take();
  await gate.reached;
  const closed = slow.terminals.close(testUser, "t");
  gate.open();
  expect(await rest).toBeNull();
  await closed;
  await slow.stop();
});

test("the program in front, its directory and the titles are known", async () => {
  const terminal = await worker.open("t");
  const view = await attach(terminal);
  await mkdir(join(worker.home, "sub"));
  await view.type("cd sub; printf '\\033]0;from the program\\007'; echo g''o; exec 3>&1; cat\r");
  await view.see("go\r\n");
  await expect
    .poll(async () => {
      await terminal.refresh();
      return terminal.describe();
    }, patient)
    .toMatchObject({
      foregroundCommand: "cat",
      directory: join(realpathSync(worker.home), "sub"),
      title: "from the program",
      titleIsManual: false,
    });
  terminal.rename("by\u0007 hand");
  expect(terminal.describe()).toMatchObject({ title: "by hand", titleIsManual: true });
  terminal.rename("");
  expect(terminal.describe()).toMatchObject({ title: "from the program", titleIsManual: false });
});

test("the worker answers what programs ask the terminal, once, with or without views", async () => {
  const terminal = await worker.open("t");
  const view = await attach(terminal, {
    colours: {
      foreground: 0xffffff,
      background: 0x102030,
      cursor: 0xff0000,
      palette: [],
    },
  });
  const asks =
    "stty raw -echo; printf '\\033[6n\\033]11;?\\007'; head -c 29 > answer; stty sane; echo do''ne\r";
  await view.type(asks);
  await view.see("done");
  const answer = await readFile(join(worker.home, "answer"), "latin1");
  expect(answer.replaceAll("\u001b", "ESC")).toMatch(/^ESC\[\d+;\d+RESC\]11;rgb:1010\/2020\/3030/);
});

test("another user's terminals are not there, and limits hold", async () => {
  await worker.open("a");
  expect(() => worker.terminals.get("user-2", "a")).toThrow("no such terminal");
  expect(worker.terminals.list("user-2")).toEqual([]);
  await worker.terminals.close("user-2", "a");
  expect(worker.terminals.get(testUser, "a").isRunning).toBe(true);
  const [one, same] = await Promise.all([worker.open("b"), worker.open("b")]);
  expect(one).toBe(same);
  await worker.open("c");
  await expect(worker.open("d")).rejects.toThrow("too many terminals");
  await worker.open("c");
});

test("a terminal that is opened again goes on, in the workspace that its tab is in now", async () => {
  const terminal = await worker.open("t", { workspaceId: "before" });
  const changes: unknown[] = [];
  worker.terminals.watch(({ terminal: changed }) => changes.push(changed.describe().workspaceId));
  expect(await worker.open("t", { workspaceId: "after" })).toBe(terminal);
  expect(await worker.open("t", { workspaceId: "after" })).toBe(terminal);
  expect(changes).toEqual(["after"]);
  await worker.restart();
  expect(worker.terminals.get(testUser, "t").workspaceId).toBe("after");
});

test("only shells of this machine, only directories that are there", async () => {
  await expect(worker.open("t", { shell: "/bin/ls" })).rejects.toThrow("not a shell");
  await expect(worker.open("t", { shell: "sh" })).rejects.toThrow("not a shell");
  await expect(worker.open("t", { directory: "/nowhere/at/all" })).rejects.toThrow(
    "no such directory",
  );
  await expect(worker.open("t", { directory: "relative" })).rejects.toThrow("must be absolute");
  await expect(worker.open("t", { directory: "/etc/passwd" })).rejects.toThrow("no such directory");
  await mkdir(join(worker.home, "sub"));
  const terminal = await worker.open("t", { directory: "~/sub", shell: "/bin/sh" });
  const view = await attach(terminal);
  await view.type("pwd\r");
  await view.see(`${worker.home}/sub\r\n`);
});

test("after a restart of the worker the last screen is there, and a shell starts below it", async () => {
  const before = await worker.open("t", { title: "mine" });
  const view = await attach(before, { cols: 70, rows: 20 });
  await mkdir(join(worker.home, "sub"));
  await view.type("cd sub; echo bef''ore\r");
  await view.see("before");
  await before.refresh();
  await worker.restart();

  const terminal = worker.terminals.get(testUser, "t");
  expect(terminal.describe()).toMatchObject({
    state: TerminalState.EXITED,
    title: "mine",
    cols: 70,
    rows: 20,
  });
  expect(terminal.describe()).not.toHaveProperty("exitCode");
  const resumeFrom = {
    $typeName: "leapmux.sealed.v1.OutputPosition",
    epoch: view.epoch,
    offset: view.offset,
  } as const;
  const back = await attach(terminal, {
    resumeFrom,
    inputSent: BigInt(view.inputSent),
    cols: 70,
    rows: 20,
  });
  expect((await back.seeEvent("attached")).value).toMatchObject({
    resumed: false,
    inputAccepted: BigInt(view.inputSent),
  });
  await back.seeEvent("stateChanged");
  expect(await back.screen()).toContain("before");
  expect(back.epoch).not.toBe(view.epoch);

  await worker.terminals.restart(terminal);
  await back.type("pwd; echo af''ter\r");
  await back.see("after");
  expect(await back.screen()).toMatch(/before[^]*home\/sub\nafter/);
});

test("a full-screen program looks the same in a view that comes later", async () => {
  const terminal = await worker.open("t");
  const first = await attach(terminal);
  await first.type("printf '\\033[?1049h\\033[2J\\033[3;5H\\033[7mBOX\\033[0m\\033[10;1H'; cat\r");
  await first.see("BOX");
  await first.type("typed\r");
  await first.see(/typed[^]*typed\r\n/);
  const second = await attach(terminal, { viewId: "view-2" });
  await second.seeEvent("stateChanged");
  await second.seeOffset(first.offset);
  expect(await second.screen()).toBe(await first.screen());
  expect(await second.screen()).toContain("BOX");
});
