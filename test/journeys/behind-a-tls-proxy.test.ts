// The hub behind the proxies that docs/operating.md describes, by the very files that it gives. They are no
// part of what npm brings: where one is missing its tests count as skipped, and it is said which.
import { writeFileSync } from "node:fs";
import { Agent } from "node:https";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { createClient } from "@connectrpc/connect";
import { connectAs, firstAdmin } from "@leapmux/hub/test-support/log-in.ts";
import { makeCertificate } from "@leapmux/hub/test-support/make-certificate.ts";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { makeLinkMemory } from "@leapmux/worker/store/link-memory.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Cleanup, cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { freePort } from "../harness/free-port.ts";
import { makeRegistrationKey, setUpHub } from "../harness/known-logins.ts";
import { endMark, printLinesCommand, wrongInLines } from "../harness/numbered-lines.ts";
import { openShell } from "../harness/open-shell.ts";
import { startLeapmux, untilReady } from "../harness/processes.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { connectClient } from "../harness/test-client.ts";
import { findProgram, startCaddy, startNginx } from "../harness/tls-proxy.ts";
import { until, within } from "../harness/until.ts";

const nginx = findProgram("nginx");
const caddy = findProgram("caddy");
for (const [name, found] of Object.entries({ nginx, caddy })) {
  if (found === undefined) console.warn(`${name} is not installed: nothing is tested behind it`);
}

const formerAuthorities = getCACertificates("default");
let pem: { key: string; cert: string };
beforeAll(async () => {
  pem = await makeCertificate("localhost");
  setDefaultCACertificates([...formerAuthorities, pem.cert]);
});
afterAll(() => setDefaultCACertificates(formerAuthorities));

type Front = "nginx.conf" | "nginx-http1.conf" | "Caddyfile";

async function start(cleanup: Cleanup, front: Front) {
  const directory = await makeTemporaryDirectory(cleanup);
  const [hubPort, port] = [await freePort(), await freePort()];
  const files = { certificate: join(directory, "cert.pem"), key: join(directory, "key.pem") };
  writeFileSync(files.certificate, pem.cert);
  writeFileSync(files.key, pem.key, { mode: 0o600 });
  const url = `https://localhost:${port}`;
  const hub = startLeapmux(cleanup, [
    ...["hub", "--listen", `127.0.0.1:${hubPort}`, "--public-url", url],
    ...["--data-dir", join(directory, "hub")],
  ]);
  await untilReady(hub, `http://127.0.0.1:${hubPort}`);
  const options = { hubPort, port, ...files };
  const proxy =
    front === "Caddyfile"
      ? await startCaddy(cleanup, caddy ?? "", options)
      : await startNginx(cleanup, nginx ?? "", front, options);
  const admin = await setUpHub(hub, url);
  return { url, hub, proxy, admin, directory, certificate: files.certificate };
}

type Started = Awaited<ReturnType<typeof start>>;

async function startWorker(cleanup: Cleanup, started: Started, link: string) {
  const { url, admin, certificate } = started;
  const dataDir = join(started.directory, `worker-${link}`);
  const worker = startLeapmux(
    cleanup,
    // Nobody pairs here; that is another journey.
    ["worker", "--hub", url, "--data-dir", dataDir, "--link", link, "--client-auth", "hub"],
    {
      env: {
        LEAPMUX_WORKER_REGISTRATION_KEY: await makeRegistrationKey(admin),
        NODE_EXTRA_CA_CERTS: certificate,
      },
    },
  );
  await until(() => {
    if (!worker.isRunning()) throw new Error(`ended early:\n${worker.stderr()}`);
    return worker.stdout().includes(`Linked to ${url}`);
  }, "the link");
  const stop = async (): Promise<void> => {
    worker.signal("SIGTERM");
    expect((await within(worker.exited, "a graceful end")).code).toBe(0);
  };
  return { stop, remembered: makeLinkMemory(dataDir, url).read };
}

/** What a worker sends in this is more than proxies take for the body of a request by themselves. */
const lines = 15_000;

async function printMuch(cleanup: Cleanup, url: string): Promise<void> {
  const client = await connectClient(cleanup, url);
  await client.onlineWorkerId();
  const { view } = await openShell(await client.channel());
  view.type(printLinesCommand(lines));
  await view.untilText(endMark, 60_000);
  expect(wrongInLines(view.text(), lines)).toBeUndefined();
}

const fronts: readonly (readonly [Front, string | undefined])[] = [
  ["nginx.conf", nginx],
  ["nginx-http1.conf", nginx],
  ["Caddyfile", caddy],
];

const afterFile = cleanupAfterFile();

for (const [front, program] of fronts) {
  describe.skipIf(program === undefined)(`behind ${front}`, () => {
    let started: Started;
    beforeAll(async () => {
      started = await start(afterFile, front);
    });

    test("a browser gets the pages, a secure cookie and a link, and its own address is seen", async () => {
      const cleanup = cleanupAfterTest();
      const { url, hub, proxy } = started;
      expect(hub.stdout()).toContain(`LeapMux hub is ready at ${url}`);
      expect(hub.stderr()).not.toMatch(/plain HTTP/);

      const page = await fetch(url);
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("<html")]);
      expect(page.headers.get("content-security-policy")).toContain(url.replace("https", "wss"));
      if (proxy.plainUrl !== undefined) {
        const plain = await fetch(`${proxy.plainUrl}/x`, { redirect: "manual" });
        expect(plain.headers.get("location")).toBe("https://127.0.0.1/x");
      }

      // On Linux every address of 127.0.0.0/8 is this machine.
      const localAddress = process.platform === "linux" ? "127.0.0.5" : "127.0.0.1";
      const agent = new Agent({ localAddress });
      cleanup.add(() => agent.destroy());
      let cookie = "";
      await createClient(LoginService, connectAs(url, {}, agent)).logIn(firstAdmin, {
        onHeader: (headers) => void (cookie = headers.get("set-cookie") ?? ""),
      });
      expect(cookie).toMatch(/^__Host-leapmux-login=lml_[\w-]{43}; /);
      expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
      const [own = ""] = cookie.split(";");
      const account = createClient(AccountService, connectAs(url, { cookie: own }, agent));
      const { logins } = await account.listLogins({});
      expect(logins.find(({ current }) => current)?.address).toBe(localAddress);

      expect(await dialLink(cleanup, url, { origin: url, cookie: own })).toBe("open");
      const foreign = { origin: "https://evil.example", cookie: own };
      expect(await dialLink(cleanup, url, foreign)).toBe(403);
    });

    const found = front === "nginx-http1.conf" ? "websocket" : undefined;
    test("a worker that finds its way by itself serves a terminal that prints much", async () => {
      const cleanup = cleanupAfterTest();
      const worker = await startWorker(cleanup, started, "auto");
      await printMuch(cleanup, started.url);
      // Nothing is remembered where gRPC, which is tried first, gets through.
      expect(worker.remembered()).toBe(found);
      await worker.stop();
      if (front === "nginx.conf") {
        const link = /"POST \S+WorkerLinkService\/Link HTTP\/2\.0" 200/;
        await until(() => link.test(started.proxy.requests()), "the link in nginx's log");
      }
    });

    const kinds = found === undefined ? ["grpc", "websocket"] : ["websocket"];
    test.each(kinds)("a worker that is told to use %s does", async (kind) => {
      const cleanup = cleanupAfterTest();
      const worker = await startWorker(cleanup, started, kind);
      await printMuch(cleanup, started.url);
      await worker.stop();
    });
  });
}

function dialLink(
  cleanup: Cleanup,
  url: string,
  headers: Record<string, string>,
): Promise<number | "open"> {
  const socket = new WebSocket(`${url.replace("https", "wss")}/link`, { headers });
  cleanup.add(() => socket.terminate());
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve("open"));
    socket.once("unexpected-response", (_, { statusCode }) => resolve(statusCode ?? 0));
    socket.once("error", reject);
  });
}
