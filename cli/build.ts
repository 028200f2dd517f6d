// `npm run build`: builds the frontend anew. `--manifest` prints the manifest, exactly the bytes that its
// hash is of: `npm run --silent build -- --manifest | sha256sum`.
import { loadStaticFiles } from "@leapmux/hub/ops/static-files.ts";
import { buildFrontend } from "./build-frontend.ts";
import { CommandError } from "./command-error.ts";
import { makeOutput } from "./output.ts";

const [flag, ...more] = process.argv.slice(2);
const printsManifest = flag === "--manifest";
// What is asked for stands on stdout alone.
const output = makeOutput(printsManifest ? process.stderr : process.stdout, process.stderr, true);
try {
  if ((flag !== undefined && !printsManifest) || more.length > 0) {
    throw new CommandError("usage", "the only flag is --manifest");
  }
  const dir = await buildFrontend(output, new AbortController().signal, undefined, "always");
  const { manifest } = loadStaticFiles(dir);
  if (manifest === null) throw new CommandError("failure", "the build has no files");
  output.print(`${manifest.entries.length} files, SHA-256 of the manifest: ${manifest.hash}`);
  if (printsManifest) process.stdout.write(manifest.text);
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  output.error(error);
  process.exitCode = error.code === "usage" ? 2 : 1;
}
