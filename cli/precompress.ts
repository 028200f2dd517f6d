import { readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const compressible = new Set([".css", ".html", ".js", ".json", ".map", ".svg", ".txt", ".wasm"]);
/** Below this a compressed copy saves nothing that anybody would notice. */
const leastBytes = 1024;
/** RFC 1952 §2.3.1: the byte that tells on which system a file was made, and the value that tells nothing. */
const gzipSystemAt = 9;
const unknownSystem = 255;

/**
 * Writes `x.br` and `x.gz` beside every file of the tree that gains by it, best but slow. The same content
 * gives the same bytes on every system.
 */
export async function precompress(dir: string): Promise<void> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && compressible.has(path.extname(entry.name)))
    .map((entry) => path.join(entry.parentPath, entry.name));
  await Promise.all(files.map(compressOne));
}

async function compressOne(file: string): Promise<void> {
  const plain = await readFile(file);
  if (plain.length < leastBytes) return;
  const [brotli, gzipped] = await Promise.all([
    promisify(brotliCompress)(plain, {
      params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
    }),
    promisify(gzip)(plain, { level: 9 }),
  ]);
  gzipped[gzipSystemAt] = unknownSystem;
  await Promise.all([
    brotli.length < plain.length ? writeFile(`${file}.br`, brotli) : undefined,
    gzipped.length < plain.length ? writeFile(`${file}.gz`, gzipped) : undefined,
  ]);
}
