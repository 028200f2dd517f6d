import { existsSync, mkdtempSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bindPrivately, removeStaleSocket } from "./socket-file.ts";

const somewhere = (): string => join(mkdtempSync(join(tmpdir(), "leapmux-socket-")), "s");

async function serve(path: string): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => bindPrivately(() => server.listen({ path }, resolve)));
  onTestFinished(() => void server.close());
  return server;
}

test("a socket is its owner's alone, and the mask of the process is as before", async () => {
  const path = somewhere();
  const mask = process.umask();
  await serve(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(process.umask()).toBe(mask);
});

test("what a killed hub left behind goes, what is alive or no socket stays", async () => {
  const alive = somewhere();
  await serve(alive);
  await removeStaleSocket(alive);
  expect(existsSync(alive)).toBe(true);

  const file = somewhere();
  writeFileSync(file, "");
  await removeStaleSocket(file);
  expect(existsSync(file)).toBe(true);

  await removeStaleSocket(somewhere());
});
