/**
 * `leapmux shell` at a hub that the test plays: it offers other keys, other modes and other names, answers
 * without end, and never gets a channel opened. And what lies in the command line's own folder, when others
 * may touch it or it is damaged.
 */
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { nodeRandom } from "@leapmux/native/node-platform.ts";
import { nativeScrypt } from "@leapmux/native/native-scrypt.ts";
import { ClientLinkDownSchema } from "@leapmux/proto/hub/v1/client_link_pb.ts";
import {
  ChannelService,
  GetWorkerHandshakeParamsResponseSchema,
} from "@leapmux/proto/hub/v1/channel_pb.ts";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import { GetSystemInfoResponseSchema, HubKind } from "@leapmux/proto/hub/v1/system_pb.ts";
import { ListWorkersResponseSchema } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { fingerprint, formatWords } from "@leapmux/shared/identity/fingerprint.ts";
import { generateWorkerSecrets } from "@leapmux/shared/identity/worker-secrets.ts";
import { compositeKeyBytes } from "@leapmux/shared/limits/limits.ts";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { runLeapmux } from "../cli/run-leapmux.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { sendError, sendMessage, startFakeHub, type FakeHub } from "../harness/fake-hub.ts";
import { runInTerminal } from "../harness/run-in-terminal.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { until, within } from "../harness/until.ts";

const token = `lml_${"t".repeat(43)}`;
const workerId = `wrk_${"w".repeat(22)}`;
/** A key that can be spoken to, and one that only looks like one. */
const newKey = generateWorkerSecrets(nativePrimitives, nodeRandom).compositePublicKey;
const oldKey = randomBytes(compositeKeyBytes);
const openChannel = `/${ChannelService.typeName}/OpenChannel`;
const words = async (key: Uint8Array): Promise<string> =>
  formatWords((await fingerprint(key, nativeScrypt)).longWords);

interface Offer {
  readonly key?: Uint8Array;
  readonly mode?: EncryptionMode;
  readonly name?: string;
  readonly kind?: HubKind;
  /** By the last part of the call's path. */
  readonly instead?: Readonly<
    Record<string, () => { status?: number; type?: string; body: Buffer }>
  >;
  readonly hello?: () => Buffer;
}

function play(hub: FakeHub, offer: Offer = {}): void {
  const sockets = new WebSocketServer({ noServer: true });
  hub.upgrade((request, socket) => {
    sockets.handleUpgrade(request, socket, Buffer.alloc(0), (webSocket) => {
      webSocket.on("error", () => undefined);
      const hello = create(ClientLinkDownSchema, {
        body: { case: "hello", value: { linkId: "link" } },
      });
      webSocket.send(offer.hello?.() ?? toBinary(ClientLinkDownSchema, hello));
    });
  });
  hub.respond(({ path }, response) => {
    const call = path.split("/").at(-1) ?? "";
    const instead = offer.instead?.[call]?.();
    if (instead) {
      const { status = 200, type = "application/proto", body } = instead;
      response.on("error", () => undefined);
      return void response.writeHead(status, { "content-type": type }).end(body);
    }
    switch (call) {
      case "GetSystemInfo":
        return sendMessage(response, GetSystemInfoResponseSchema, {
          kind: offer.kind ?? HubKind.HUB,
          userId: "usr_1",
        });
      case "ListWorkers":
        return sendMessage(response, ListWorkersResponseSchema, {
          workers: [{ workerId, name: offer.name ?? "build", online: true }],
        });
      case "GetWorkerHandshakeParams":
        return sendMessage(response, GetWorkerHandshakeParamsResponseSchema, {
          compositePublicKey: offer.key ?? newKey,
          encryptionMode: offer.mode ?? EncryptionMode.POST_QUANTUM,
          maxMessageBytes: 16 * 1024 * 1024,
        });
      default:
        return sendError(response, 404, "not_found");
    }
  });
}

async function makePlace(offer: Offer = {}) {
  const cleanup = cleanupAfterTest();
  const hub = await startFakeHub(cleanup);
  play(hub, offer);
  const home = await makeTemporaryDirectory(cleanup);
  const folder = join(home, "config/leapmux");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const keep = (name: string, content: unknown): void =>
    writeFileSync(
      join(folder, name),
      typeof content === "string" ? content : JSON.stringify(content),
      {
        mode: 0o600,
      },
    );
  keep("logins.json", { format: 1, hubs: { [hub.url]: { login_token: token, username: "ada" } } });
  const env = { XDG_CONFIG_HOME: join(home, "config"), HOME: home };
  return {
    cleanup,
    hub,
    folder,
    env,
    keep,
    pin: (changes: object = {}) =>
      keep("pins.json", {
        format: 1,
        pins: [
          {
            hub: hub.url,
            worker_id: workerId,
            name: "build",
            composite_key: oldKey.toString("base64url"),
            mode: "post-quantum",
            verified: false,
            first_seen_at_ms: 1,
            last_used_at_ms: Date.now(),
            ...changes,
          },
        ],
      }),
    shell: (...args: string[]) =>
      runLeapmux(cleanup, ["shell", "build", "--hub", hub.url, ...args, "--command", "true"], {
        env,
      }),
    wasOpened: () => hub.seen.some(({ path }) => path === openChannel),
  };
}

let place: Awaited<ReturnType<typeof makePlace>> | undefined;
afterEach(() => {
  // Whatever happened, the login was sent in its header and to this hub alone, and never in an address.
  for (const { path } of place?.hub.seen ?? []) expect(path).not.toContain("lml_");
  place = undefined;
});

describe("keys", () => {
  test("a swapped key is refused, with both keys in words and the command that clears the pin", async () => {
    place = await makePlace({ key: newKey });
    place.pin();
    const ran = await place.shell();
    expect(ran.code).toBe(254);
    expect(ran.stdout).toBe("");
    expect(ran.stderr).toContain("WORKER PUBLIC KEY CHANGED");
    expect(ran.stderr).toContain(await words(oldKey));
    expect(ran.stderr).toContain(await words(newKey));
    expect(ran.stderr).toContain(`leapmux pins remove ${workerId} --hub ${place.hub.url}`);
    expect(place.wasOpened()).toBe(false);
    // Words that fit the new key do not help: a change is no first contact.
    expect((await place.shell("--trust", await words(newKey))).code).toBe(254);
    expect(place.wasOpened()).toBe(false);
  });

  test("pins remove clears it, and then the key is asked about as at first", async () => {
    place = await makePlace({ key: newKey });
    place.pin();
    const { env, cleanup, hub } = place;
    const listed = await runLeapmux(cleanup, ["pins", "list"], { env });
    expect(listed.stdout).toContain(workerId);
    expect(
      await runLeapmux(cleanup, ["pins", "remove", "build", "--hub", hub.url], { env }),
    ).toMatchObject({
      code: 0,
    });
    const ran = await place.shell();
    expect(ran.code).toBe(254);
    expect(ran.stderr).toContain("was not confirmed");
    expect(place.wasOpened()).toBe(false);
  });

  test("the same key without its post-quantum part is refused", async () => {
    place = await makePlace({ key: oldKey, mode: EncryptionMode.CLASSIC });
    place.pin();
    const ran = await place.shell();
    expect(ran.code).toBe(254);
    expect(ran.stderr).toContain("without its post-quantum keys");
    expect(place.wasOpened()).toBe(false);
  });

  test("at first contact nothing is opened where nobody can be asked, and wrong words do not help", async () => {
    place = await makePlace();
    expect((await place.shell()).code).toBe(254);
    const wrong = await place.shell("--trust", await words(oldKey));
    expect(wrong.code).toBe(254);
    expect(wrong.stderr).toContain(await words(newKey));
    expect(place.wasOpened()).toBe(false);
    expect(existsSync(join(place.folder, "pins.json"))).toBe(false);
  });

  test("with the right words it goes on, and a key that was not proved is not pinned", async () => {
    place = await makePlace({
      instead: { OpenChannel: () => ({ body: Buffer.alloc(100) }) },
    });
    const { env, cleanup, hub } = place;
    const terminal = runInTerminal(
      cleanup,
      ["shell", "build", "--hub", hub.url, "--trust", await words(newKey)],
      { env },
    );
    await until(() => place?.wasOpened(), "an opening");
    terminal.type("\u0003");
    expect((await within(terminal.exited, "the end")).code).toBe(130);
    expect(existsSync(join(place.folder, "pins.json"))).toBe(false);
  });

  test("a person who says no, or nothing, opens nothing; the name in the question steers no terminal", async () => {
    place = await makePlace({ name: "build\u001b]0;x\u0007\u202e\r\nevil" });
    const { env, cleanup, hub } = place;
    for (const answer of ["\r", "no\r", "\u0004"]) {
      const terminal = runInTerminal(cleanup, ["shell", "--hub", hub.url], { env });
      await terminal.sees("Are they the same?");
      expect(terminal.text()).not.toMatch(/\u001b\]0;|\u0007|\u202e|\nevil/);
      terminal.type(answer);
      expect((await within(terminal.exited, "the end")).code).toBe(254);
    }
    expect(place.wasOpened()).toBe(false);
  });

  test("a name that led to another worker before is warned of", async () => {
    place = await makePlace();
    place.pin({ worker_id: `wrk_${"o".repeat(22)}` });
    expect((await place.shell()).stderr).toContain("another worker");
  });
});

describe("answers", () => {
  const huge = (): { body: Buffer } => ({ body: Buffer.alloc(64 * 1024 * 1024) });

  test.each(["GetSystemInfo", "ListWorkers"])("%s without end", async (call) => {
    place = await makePlace({ instead: { [call]: huge } });
    const ran = await place.shell();
    expect(ran).toMatchObject({ code: 255, stdout: "" });
    expect(ran.stderr).toContain("no LeapMux hub");
  });

  test.each([
    ["a page", { body: Buffer.from("<html>"), type: "text/html" }],
    ["nonsense", { body: Buffer.from([0xff, 0xff, 0xff]) }],
    ["a redirect", { status: 302, body: Buffer.from("") }],
  ])("%s in place of who we are", async (_name, answer) => {
    place = await makePlace({ instead: { GetSystemInfo: () => answer } });
    expect(await place.shell()).toMatchObject({ code: 255, stdout: "" });
  });

  test.each([
    ["without end", () => Buffer.alloc(8 * 1024 * 1024)],
    ["that is none", () => Buffer.from([0xff, 0xff])],
  ])(
    "a first message of the link %s ends that link, and nothing is opened",
    async (_name, hello) => {
      place = await makePlace({ hello });
      place.pin({ composite_key: Buffer.from(newKey).toString("base64url") });
      const { env, cleanup, hub } = place;
      const terminal = runInTerminal(cleanup, ["shell", "build", "--hub", hub.url], { env });
      // It is dialled again, at the pace of any lost link.
      const dialled = () => hub.seen.filter(({ path }) => path === "/link").length;
      await until(() => dialled() >= 2, "the second dial");
      terminal.type("\u0003");
      expect((await within(terminal.exited, "the end")).code).toBe(130);
      expect(place.wasOpened()).toBe(false);
    },
  );

  test("a login that is over is said, and nothing is tried any more", async () => {
    place = await makePlace();
    place.pin({ composite_key: Buffer.from(newKey).toString("base64url") });
    place.hub.upgrade((_request, socket) => {
      socket.end("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    });
    const ran = await place.shell();
    expect(ran.code).toBe(254);
    expect(ran.stderr).toContain("leapmux login");
  });

  test("a hub with a login that says it is solo now, to be asked for less, is refused", async () => {
    place = await makePlace({ kind: HubKind.SOLO });
    const ran = await place.shell();
    expect(ran.code).toBe(254);
    expect(ran.stderr).toContain("says now that it is in solo mode");
    expect(place.hub.seen).toHaveLength(1);
  });
});

describe("files", () => {
  test.each([
    ["device", 0o644],
    ["pins.json", 0o640],
    ["logins.json", 0o604],
  ])("%s with mode %o is refused, with the command that mends it", async (name, mode) => {
    place = await makePlace();
    place.pin();
    await place.shell();
    const file = readdirSync(place.folder).find((each) => each.startsWith(name)) ?? "";
    chmodSync(join(place.folder, file), mode);
    const before = place.hub.seen.length;
    const ran = await place.shell();
    expect(ran.code).toBe(255);
    expect(ran.stderr).toContain(`chmod 600 ${join(place.folder, file)}`);
    const since = place.hub.seen.slice(before).map(({ path }) => path);
    expect(since.filter((path) => path === "/link" || path.includes("ChannelService"))).toEqual([]);
  });

  test("a folder that others may look into is refused", async () => {
    place = await makePlace();
    chmodSync(place.folder, 0o755);
    const ran = await place.shell();
    expect(ran.code).toBe(255);
    expect(ran.stderr).toContain(`chmod 700 ${place.folder}`);
  });

  test.each([
    "",
    "{",
    '{"format":1,"pins":[',
    '{"format":1,"pins":[{}]}',
    '{"format":2,"pins":[]}',
  ])("pins.json that is cut to %j is no empty one", async (content) => {
    place = await makePlace();
    place.keep("pins.json", content);
    const ran = await place.shell("--trust", await words(newKey));
    expect(ran.code).toBe(255);
    expect(ran.stderr).toContain("pins.json is damaged");
    expect(place.wasOpened()).toBe(false);
    expect(readFileSync(join(place.folder, "pins.json"), "utf8")).toBe(content);
  });

  test("a damaged device key is told, not shown, and not replaced", async () => {
    place = await makePlace();
    await place.shell();
    const name = readdirSync(place.folder).find((each) => each.startsWith("device")) ?? "";
    const whole = readFileSync(join(place.folder, name), "utf8");
    const secret = (JSON.parse(whole) as Record<string, string>)["ml_dsa_seed"] ?? "";
    const cut = whole.slice(0, -10);
    place.keep(name, cut);
    const ran = await place.shell();
    expect(ran.code).toBe(255);
    expect(ran.stderr).toContain("is damaged");
    expect(ran.stderr).not.toContain(secret.slice(0, 12));
    expect(readFileSync(join(place.folder, name), "utf8")).toBe(cut);
  });
});
