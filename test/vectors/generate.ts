// `node test/vectors/generate.ts OUT.json [COUNT] [SEED]`: new vectors from the reference implementation.
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { generateVectors } from "./reference/generate-vectors.ts";

const [out, count = "2", seed = randomBytes(8).toString("hex")] = process.argv.slice(2);

if (out === undefined || out.startsWith("-") || !/^[1-9]\d{0,3}$/.test(count)) {
  console.error("usage: node test/vectors/generate.ts OUT.json [COUNT] [SEED]");
  process.exitCode = 2;
} else {
  await writeFile(out, `${JSON.stringify(generateVectors(seed, Number(count)), null, 1)}\n`);
  console.log(`${count} cases from seed ${seed} in ${out}`);
}
