import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  bindPrivately,
  claimSocketPath,
  describeSocketError,
  type SocketPlaceError,
} from "./socket-file.ts";

const somewhere = (): string => join(mkdtempSync(join(tmpdir(), "leapmux-socket-")), "s");

async function serve(path: string): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => bindPrivately(() => server.listen({ path }, resolve)));
  onTestFinished(() => void server.close());
  return server;
}

/** What a hub that was killed leaves: closing removes the name that it was bound to, and no other. */
async function leaveStale(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen({ path: `${path}-bound` }, resolve));
  renameSync(`${path}-bound`, path);
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  expect(existsSync(path)).toBe(true);
}

const refusal = (path: string): Promise<string> =>
  claimSocketPath(path).then(
    () => "claimed",
    (error: SocketPlaceError) => error.code,
  );

test("a socket is its owner's alone, and the mask of the process is as before", async () => {
  const path = somewhere();
  const mask = process.umask();
  await serve(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(process.umask()).toBe(mask);
});

test("what a killed hub left behind goes, what is alive or no socket stays", async () => {
  const stale = somewhere();
  await leaveStale(stale);
  onTestFinished(await claimSocketPath(stale));
  expect(existsSync(stale)).toBe(false);
  expect(statSync(`${stale}.lock`).mode & 0o777).toBe(0o600);

  const alive = somewhere();
  await serve(alive);
  expect(await refusal(alive)).toBe("taken");
  expect(existsSync(alive)).toBe(true);

  const file = somewhere();
  writeFileSync(file, "mine");
  expect(await refusal(file)).toBe("no_socket");
  expect(readFileSync(file, "utf8")).toBe("mine");
});

test("of two that find the same stale socket at once one gets the place, and keeps it", async () => {
  const path = somewhere();
  await leaveStale(path);
  const claims = await Promise.allSettled(
    [0, 1].map(async () => {
      const release = await claimSocketPath(path);
      await serve(path);
      return release;
    }),
  );
  expect(claims.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ path });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
  });
  expect(await refusal(path)).toBe("taken");
  for (const claim of claims) if (claim.status === "fulfilled") claim.value();
});

test("given up, the place is free again", async () => {
  const path = somewhere();
  const release = await claimSocketPath(path);
  expect(await refusal(path)).toBe("taken");
  release();
  release();
  (await claimSocketPath(path))();
});

test("each reason why there can be none has its name", async () => {
  expect(await refusal(`${somewhere()}/below/s`)).toBe("no_directory");
  const led = somewhere();
  symlinkSync(`${led}-elsewhere`, `${led}.lock`);
  expect(await refusal(led)).toBe("no_permission");
  expect(existsSync(`${led}-elsewhere`)).toBe(false);

  const closed = somewhere();
  mkdirSync(closed);
  chmodSync(closed, 0o500);
  // The superuser may write everywhere.
  const expected = process.getuid?.() === 0 ? "claimed" : "no_permission";
  expect(await refusal(join(closed, "s"))).toBe(expected);
  const denied = Object.assign(new Error("denied"), { code: "EACCES" });
  expect(describeSocketError(closed, denied).code).toBe("no_permission");
  expect(describeSocketError(closed, new Error("?")).code).toBe("unusable");
});
