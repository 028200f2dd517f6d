/**
 * Run by packaged-browser.ts with TMPDIR set to an empty private directory: unpacks the headless shell there, with
 * its software renderer, a font and the libraries that a bare system lacks. The package itself would use the
 * machine's shared temporary directory and trust whatever lies there already.
 */
import { fileURLToPath } from "node:url";
import sparticuz, { inflate } from "@sparticuz/chromium";

const libraries = new URL("../bin/al2023.tar.br", import.meta.resolve("@sparticuz/chromium"));
await Promise.all([sparticuz.executablePath(), inflate(fileURLToPath(libraries))]);
