/**
 * Markers are typed, printed, put into titles, directories, file names and errors, through a hub in a
 * process of its own. Then they are looked for in everything that the hub has: database, log, heap, its
 * whole memory where the system shows it (Linux), and the traffic on both wires. A control marker that the hub may know shows that the search finds things.
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { cleanupAfterFile } from "../harness/cleanup.ts";
import { encodingsOf, findMarkers, type Marker } from "../harness/find-text.ts";
import { openShell, settle, testWorkspaceId } from "../harness/open-shell.ts";
import { startRecordingProxy, type RecordingProxy } from "../harness/recording-proxy.ts";
import { startProcesses, type SeparateProcesses } from "../harness/start-processes.ts";
import { readProcessMemory } from "../harness/process-memory.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { makeTerminalView } from "../harness/terminal-view.ts";
import { connectClient } from "../harness/test-client.ts";
import { until } from "../harness/until.ts";

const cleanup = cleanupAfterFile();

/** Part of every secret marker and of nothing else, so that one search finds them all. */
const core: Marker = { name: "any secret marker", text: "q7Zx4KvW9p" };
const marker = (name: string): Marker => ({ name, text: `Mark-${name}-${core.text}` });
const typed = marker("typed");
const printed = marker("printed");
const title = marker("title");
const givenTitle = marker("givenTitle");
const directoryName = marker("directory");
const fileName = marker("fileName");
const fileContent = marker("fileContent");
const password = marker("noEcho");
const environment = marker("environment");
const error = marker("error");
const secrets = [
  typed,
  printed,
  title,
  givenTitle,
  directoryName,
  fileName,
  fileContent,
  password,
  environment,
  error,
];
/** A title of a workspace: the hub may see that, so it must be found. */
const control: Marker = { name: "control", text: "Control-T5nRb8YmDe" };

let processes: SeparateProcesses;
let clientWire: RecordingProxy;
let heap: Buffer;
let memory: Buffer[];
let openChannel: Marker;

beforeAll(async () => {
  const snapshots = await makeTemporaryDirectory(cleanup, "heap");
  processes = await startProcesses(cleanup, {
    hub: {
      nodeOptions: ["--heapsnapshot-signal=SIGUSR2", `--diagnostic-dir=${snapshots}`],
      env: { LEAPMUX_HUB_LOG_LEVEL: "trace" },
    },
    worker: { env: { TEST_MARKER: environment.text } },
    recordWorkerWire: true,
  });
  clientWire = await startRecordingProxy(cleanup, processes.port, {
    targetHost: processes.hubHost,
  });
  const client = await connectClient(cleanup, processes.url, { throughPort: clientWire.port });
  await client.workspaces.createWorkspace({ title: control.text });
  const channel = await client.channel();

  // 1. What people do.
  const directory = join(processes.directory, directoryName.text);
  await mkdir(directory);
  await writeFile(join(directory, fileName.text), `${fileContent.text}\n`);
  const { view, terminalId } = await openShell(channel, { directory });
  view.type(`: ${typed.text}\r`);
  const half = Math.floor(printed.text.length / 2);
  view.type(`printf '%s%s\\n' ${printed.text.slice(0, half)} ${printed.text.slice(half)}\r`);
  await view.untilText(printed.text);
  view.type("ls; cat *; pwd; env\r");
  await view.untilText(fileContent.text);
  view.type(`printf '\\033]0;${title.text}\\007'\r`);
  view.type(`stty -echo; read secret; stty echo\r${password.text}\r`);
  view.type(`${error.text}\r`);
  await settle(view);
  await channel.terminals.renameTerminal({ terminalId, title: givenTitle.text });
  await client.workspaces.createTab({
    tabId: terminalId,
    workspaceId: (await client.workspaces.listWorkspaces({})).workspaces[0]?.workspaceId ?? "",
    workerId: channel.workerId,
    kind: 1,
  });

  // 2. The ways on which contents travel again: a second view, a list, a lost link, refused calls.
  const second = makeTerminalView(terminalId);
  await second.attach(channel.terminals);
  await second.untilText(printed.text);
  for await (const { body } of channel.terminals.watchTerminals({ workspaceId: testWorkspaceId })) {
    if (body.case === "complete") break;
  }
  await channel.terminals
    .openTerminal({ terminalId: "x", shell: `/${error.text}`, directory: error.text })
    .catch(() => undefined);
  clientWire.cut();
  await until(() => view.ended() !== undefined, "the link to be lost");
  const again = await connectClient(cleanup, processes.url, { throughPort: clientWire.port });
  const nextChannel = await again.channel();
  openChannel = { name: "open channel", text: nextChannel.channelId };
  await view.attach(nextChannel.terminals);
  view.type(`: ${typed.text} again\r`);
  await settle(view);

  // 3. What the hub remembers while all of this is open.
  memory = await readProcessMemory(processes.hub().pid);
  processes.hub().signal("SIGUSR2");
  const file = await until(
    async () => (await readdir(snapshots)).find((name) => name.endsWith(".heapsnapshot")),
    "the heap snapshot",
  );
  heap = await until(async () => {
    const bytes = await readFile(join(snapshots, file));
    // Written piece by piece; whole once its last bracket is there.
    return bytes.subarray(-16).toString().trimEnd().endsWith("}") ? bytes : undefined;
  }, "the whole heap snapshot");
}, 120_000);

describe("the search", () => {
  test("finds the control marker in the database and on the client's wire", async () => {
    expect(findMarkers(await readDataDirectory("hub"), [control])).not.toEqual([]);
    expect(findMarkers(clientWire.recorded().up, [control])).not.toEqual([]);
  });

  test("finds the id of an open channel in the heap, as the hub needs it there", () => {
    expect(findMarkers(heap, [openChannel])).not.toEqual([]);
  });

  test("finds secrets where they may be: in the worker's own files", async () => {
    await until(
      async () => findMarkers(await readDataDirectory("worker"), [givenTitle]).length > 0,
      "the worker to have stored the title",
    );
  });

  test("knows each encoding", () => {
    for (const [name, form] of encodingsOf(typed.text)) {
      const hidden = Buffer.concat([Buffer.from("…"), form, Buffer.from("…")]);
      expect(findMarkers(hidden, [typed]).length, name).toBeGreaterThan(0);
    }
    for (let before = 0; before < 3; before += 1) {
      const text = Buffer.from("x".repeat(before) + typed.text + "yz").toString("base64");
      expect(findMarkers(Buffer.from(text), [typed]).length).toBeGreaterThan(0);
    }
  });
});

describe("no marker is", () => {
  test("in the hub's database and other files", async () => {
    expect(secretsIn(await readDataDirectory("hub"))).toEqual([]);
  });

  test("in its log", () => {
    const hub = processes.hub();
    const log = Buffer.from(hub.stdout() + hub.stderr());
    expect(log.length).toBeGreaterThan(500);
    expect(secretsIn(log)).toEqual([]);
    expect(findMarkers(log, [control])).toEqual([]);
  });

  test("in its heap", () => {
    expect(heap.length).toBeGreaterThan(1_000_000);
    expect(secretsIn(heap)).toEqual([]);
  });

  test.skipIf(process.platform !== "linux")("anywhere in its memory, buffers included", () => {
    expect(memory.flatMap((region) => findMarkers(region, [openChannel]))).not.toEqual([]);
    expect(memory.flatMap(secretsIn)).toEqual([]);
  });

  test("on the wire between client and hub", () => {
    const { up, down } = clientWire.recorded();
    expect(Math.min(up.length, down.length)).toBeGreaterThan(1_000);
    expect(secretsIn(up)).toEqual([]);
    expect(secretsIn(down)).toEqual([]);
  });

  test("on the wire between hub and worker", () => {
    const { up, down } = processes.workerWire!.recorded();
    expect(Math.min(up.length, down.length)).toBeGreaterThan(1_000);
    expect(secretsIn(up)).toEqual([]);
    expect(secretsIn(down)).toEqual([]);
  });
});

test("nor does the hub know the machine of the worker", async () => {
  const { hostname, userInfo } = await import("node:os");
  const workerName = { name: "hostName", text: hostname() };
  const home = { name: "home", text: userInfo().homedir };
  const database = await readDataDirectory("hub");
  // Short names would be found by chance.
  const telling = [workerName, home].filter(({ text }) => text.length >= 8);
  expect(findMarkers(database, telling)).toEqual([]);
});

/** Which secrets are there, and in which encoding. */
function secretsIn(bytes: Uint8Array): string[] {
  const found = findMarkers(bytes, [core]);
  return found.length === 0 ? [] : [...found, ...findMarkers(bytes, secrets)];
}

async function readDataDirectory(part: "hub" | "worker"): Promise<Buffer> {
  const directory = join(processes.directory, part);
  const names = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(0);
  return Buffer.concat(
    await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name)))),
  );
}
