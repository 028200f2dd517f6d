/**
 * A network of its own for one worker, behind an address translation: it has no interface but its loopback, so
 * nobody can reach into it, and one thing gets out, a connection to the hub that is made from inside.
 */
import { execFile, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Cleanup } from "./make-cleanup.ts";
import { startPoorLink, type PoorLink } from "./poor-link.ts";

const run = promisify(execFile);

/** Empty where namespaces can be made; otherwise why not, for whoever reads what was skipped. */
export const whyNoNamespaces = ((): string => {
  const name = `lm-probe-${randomBytes(3).toString("hex")}`;
  try {
    execFileSync("ip", ["netns", "add", name], { stdio: "pipe" });
    execFileSync("ip", ["netns", "del", name], { stdio: "pipe" });
    return "";
  } catch (error) {
    return `needs root and ip netns (${error instanceof Error ? error.message.split("\n")[0] : ""})`;
  }
})();

export interface NetworkNamespace {
  /** Before a command, to run it inside. */
  readonly wrap: readonly string[];
  /** The way out. */
  readonly way: PoorLink;
  /** Output of a program that runs inside. */
  exec(program: string, ...args: string[]): Promise<string>;
}

/** Inside, the hub is found at 127.0.0.1 and its own port. */
export async function makeNamespace(
  cleanup: Cleanup,
  { hubPort, directory }: { readonly hubPort: number; readonly directory: string },
): Promise<NetworkNamespace> {
  const name = `lm-${randomBytes(4).toString("hex")}`;
  await run("ip", ["netns", "add", name]);
  cleanup.add(() => run("ip", ["netns", "del", name]).then(() => undefined));
  const wrap = ["ip", "netns", "exec", name];
  const exec = async (program: string, ...args: string[]): Promise<string> =>
    (await run("ip", [...wrap.slice(1), program, ...args])).stdout;
  await exec("ip", "link", "set", "lo", "up");
  const path = join(directory, `${name}.sock`);
  const way = await startPoorLink(cleanup, {
    target: { port: hubPort, host: "127.0.0.1" },
    listen: { path },
  });
  const program = fileURLToPath(new URL("forward-out.ts", import.meta.url));
  const inside = spawn("ip", [
    ...wrap.slice(1),
    ...[process.execPath, program, String(hubPort), path],
  ]);
  cleanup.add(async () => {
    if (inside.exitCode !== null) return;
    inside.kill("SIGKILL");
    await once(inside, "close");
  });
  await once(inside.stdout, "data");
  return { wrap, way, exec };
}

/** Adds delay and loss to the loopback of a namespace; answers why not where the kernel cannot. */
export async function worsen(
  { exec }: NetworkNamespace,
  { delayMs, lossPercent }: { readonly delayMs: number; readonly lossPercent: number },
): Promise<string> {
  const netem = ["netem", "delay", `${delayMs}ms`, "loss", `${lossPercent}%`];
  return exec("tc", "qdisc", "add", "dev", "lo", "root", ...netem).then(
    () => "",
    (error: unknown) => `needs the kernel's netem (${String(error).trim().split("\n").at(-1)})`,
  );
}
