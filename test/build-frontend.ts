// Builds the pages once before tests start hubs that serve them, as the first start of a hub would.
import { buildFrontend } from "@leapmux/cli/build-frontend.ts";
import { makeOutput } from "@leapmux/cli/output.ts";

export default async function buildFrontendOnce(): Promise<void> {
  const output = makeOutput(process.stdout, process.stderr, true);
  await buildFrontend(output, new AbortController().signal);
}
