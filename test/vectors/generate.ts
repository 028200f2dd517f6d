// `node test/vectors/generate.ts [--devices] OUT.json [COUNT] [SEED]`: new vectors from the reference implementation.
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { generateDeviceVectors, generateVectors } from "./reference/generate-vectors.ts";

const given = process.argv.slice(2);
const generate = given[0] === "--devices" ? generateDeviceVectors : generateVectors;
if (generate === generateDeviceVectors) given.shift();
const [out, count = "2", seed = randomBytes(8).toString("hex")] = given;

if (out === undefined || out.startsWith("-") || !/^[1-9]\d{0,3}$/.test(count)) {
  console.error("usage: node test/vectors/generate.ts [--devices] OUT.json [COUNT] [SEED]");
  process.exitCode = 2;
} else {
  await writeFile(out, `${JSON.stringify(generate(seed, Number(count)), null, 1)}\n`);
  console.log(`${count} cases from seed ${seed} in ${out}`);
}
