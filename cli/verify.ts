// `leapmux verify HUB_URL`: whether the hub serves the frontend of this package. Needs no login, sends
// nothing that is secret. A hub can tell this program from a browser, so what it shows is what the hub
// serves to whoever asks like this; see docs/local-frontend.md.
import { loadStaticFiles } from "@leapmux/hub/ops/static-files.ts";
import { z } from "zod";
import { CommandError } from "./command-error.ts";
import { buildFrontend } from "./build-frontend.ts";
import { makeFetchBounded, type FetchBounded } from "./local/fetch-bounded.ts";
import { verifyFrontend, type Problem } from "./local/verify-frontend.ts";
import type { Output } from "./output.ts";
import { readVersion } from "./version.ts";

export interface VerifyOptions {
  hub: string;
  json: boolean;
  output: Output;
  signal: AbortSignal;
}

const wholeTimeoutMs = 5 * 60_000;

export async function runVerify({ hub, json, output, signal }: VerifyOptions): Promise<number> {
  // Results stand alone on stdout.
  const quiet = json ? { ...output, print: output.progress } : output;
  const { manifest } = loadStaticFiles(await buildFrontend(quiet, signal));
  if (manifest === null) throw new CommandError("failure", "this package has no frontend");
  const client = makeFetchBounded();
  const timeout = AbortSignal.timeout(wholeTimeoutMs);
  const bounded = AbortSignal.any([signal, timeout]);
  try {
    output.progress(`Asking ${hub} for ${manifest.entries.length} files …`);
    const claims = await readClaims(hub, client.fetch, bounded);
    const { checked, problems } = await verifyFrontend({
      hub,
      manifest,
      fetch: client.fetch,
      signal: bounded,
    });
    output.progress("");
    const local = { version: readVersion(), hash: manifest.hash };
    const result = { hub, ok: problems.length === 0, checked, local, claims, problems };
    if (json) output.print(JSON.stringify(result, null, 2));
    else print(result, output);
    return result.ok ? 0 : 1;
  } catch (error) {
    if (!timeout.aborted || signal.aborted) throw error;
    throw new CommandError("failure", `${hub} took too long`, "Try again.", error);
  } finally {
    client.close();
  }
}

interface Claims {
  version?: string;
  hash?: string;
}

const systemInfo = z.object({
  version: z
    .string()
    .regex(/^[\w.+-]{1,64}$/)
    .optional(),
  frontendHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});

/** What the hub says about itself; also the first sign of life, so that one sentence says it is not there. */
async function readClaims(hub: string, fetch: FetchBounded, signal: AbortSignal): Promise<Claims> {
  const answer = await fetch(new URL("/leapmux.hub.v1.SystemService/GetSystemInfo", hub), {
    method: "POST",
    headers: { "content-type": "application/json", "connect-protocol-version": "1" },
    body: "{}",
    maxBytes: 64 * 1024,
    timeoutMs: 20_000,
    signal,
  });
  if (answer.kind === "failed") {
    const next = "Check the address and whether it runs, then try again.";
    throw new CommandError("failure", `${hub} cannot be reached: ${answer.why}`, next);
  }
  const parsed = systemInfo.safeParse(parseJson(answer.body.toString("utf8")));
  if (answer.status !== 200 || !parsed.success) return {};
  const { version, frontendHash: hash } = parsed.data;
  return { ...(version === undefined ? {} : { version }), ...(hash === undefined ? {} : { hash }) };
}

function print(
  result: {
    hub: string;
    ok: boolean;
    checked: number;
    local: { version: string; hash: string };
    claims: Claims;
    problems: readonly Problem[];
  },
  output: Output,
): void {
  const { hub, ok, checked, local, claims, problems } = result;
  for (const { path, kind, detail } of problems) output.print(`${kind}: ${path} (${detail})`);
  output.print(`This package: version ${local.version}, frontend ${local.hash}`);
  if (ok) return output.print(`${hub} serves exactly this frontend: ${checked} answers compared.`);
  output.print(
    `${hub} serves something else: ${problems.length} differences in ${checked} answers.`,
  );
  if (claims.version !== undefined && claims.version !== local.version) {
    output.print(`It says that it runs version ${claims.version}: compare with that version.`);
  } else if (claims.hash === local.hash) {
    output.print("It claims the very hash of this package, and that is not true.");
  }
  output.print(`To use it all the same with this package's frontend: leapmux open ${hub}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
