/**
 * The headless shell that comes inside a package, unpacked once per version into the project's own cache and
 * runnable on a machine that has neither the libraries nor the fonts of a desktop.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const cache = fileURLToPath(new URL("../../node_modules/.cache/leapmux/", import.meta.url));

export interface PackagedBrowser {
  readonly executablePath: string;
  /** What its environment needs beyond the machine's own. */
  readonly env: Readonly<Record<string, string>>;
}

export async function findPackagedBrowser(): Promise<PackagedBrowser> {
  const directory = await unpack();
  const executablePath = join(directory, "chromium");
  const fonts: Record<string, string> = existsSync("/etc/fonts/fonts.conf")
    ? {}
    : { FONTCONFIG_FILE: join(directory, "fonts.conf") };
  // The machine's own libraries where it has them: they are newer and patched.
  if (await starts(executablePath, fonts)) return { executablePath, env: fonts };
  const given = process.env["LD_LIBRARY_PATH"];
  const own = join(directory, "al2023", "lib");
  const env = { ...fonts, LD_LIBRARY_PATH: given ? `${own}:${given}` : own };
  await run(executablePath, ["--version"], { env: { ...process.env, ...env } });
  return { executablePath, env };
}

async function starts(executablePath: string, env: Record<string, string>): Promise<boolean> {
  try {
    await run(executablePath, ["--version"], { env: { ...process.env, ...env } });
    return true;
  } catch {
    return false;
  }
}

/** Whole or not at all, and once for two that start together. */
async function unpack(): Promise<string> {
  const directory = join(cache, `chromium-${packageVersion()}`);
  if (existsSync(directory)) return directory;
  await mkdir(cache, { recursive: true });
  const half = await mkdtemp(join(cache, "unpacking-"));
  try {
    const program = fileURLToPath(new URL("unpack-browser.ts", import.meta.url));
    await run(process.execPath, [program], {
      env: { ...process.env, NODE_OPTIONS: "", TMPDIR: half },
    });
    await writeFile(join(half, "fonts.conf"), fontSettings(directory));
    await rename(half, directory).catch((error: unknown) => {
      if (!existsSync(directory)) throw error;
    });
  } finally {
    await rm(half, { recursive: true, force: true });
  }
  return directory;
}

function packageVersion(): string {
  const require = createRequire(import.meta.url);
  // Its package.json is not among what it exports.
  const main = require.resolve("@sparticuz/chromium");
  const { version } = require(join(main, "..", "..", "package.json")) as { version: string };
  return version;
}

function fontSettings(directory: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(directory, "fonts")}</dir>
  <cachedir>${join(directory, "fonts-cache")}</cachedir>
</fontconfig>
`;
}
