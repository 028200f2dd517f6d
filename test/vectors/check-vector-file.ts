import { checkDeviceCase } from "./check-device-case.ts";
import { checkHandshakeCase } from "./check-handshake-case.ts";
import { checkNoiseNkCase } from "./check-noise-nk-case.ts";
import { parseJson, readFields, readObject, VectorError } from "./vector-fields.ts";

/** How one case is checked: what it found wrong, one line per field. */
export type CheckCase = (value: unknown) => Promise<readonly string[]>;

export interface CaseChecks {
  readonly handshake: CheckCase;
  readonly noiseNk: CheckCase;
  readonly devices: CheckCase;
}

export interface CaseOutcome {
  readonly name: string;
  /** Empty when the case passed. */
  readonly failures: readonly string[];
}

export const productionChecks: CaseChecks = {
  handshake: checkHandshakeCase,
  noiseNk: checkNoiseNkCase,
  devices: checkDeviceCase,
};

/**
 * The text of a vector file in one of the three formats, recognised by its keys. A file that has no case, or
 * something around the cases that nobody knows, is one failed outcome more.
 */
export async function* checkVectorFile(
  text: string,
  checks: CaseChecks = productionChecks,
): AsyncGenerator<CaseOutcome> {
  let file: VectorFile;
  try {
    file = readVectorFile(text, checks);
  } catch (error) {
    yield { name: "file", failures: [describe(error)] };
    return;
  }
  for (const [index, value] of file.cases.entries()) {
    const name = nameOf(value, index);
    try {
      yield { name, failures: await file.check(value) };
    } catch (error) {
      yield { name, failures: [describe(error)] };
    }
  }
}

interface VectorFile {
  readonly cases: readonly unknown[];
  readonly check: CheckCase;
}

function readVectorFile(text: string, checks: CaseChecks): VectorFile {
  const value = parseJson(text);
  const published = Object.hasOwn(readObject(value, ""), "source");
  const file = readFields(
    value,
    "",
    published ? ["source", "vectors"] : ["spec", "version", "vectors"],
  );
  let check = checks.noiseNk;
  if (published) file.text("source");
  else {
    const spec = file.oneOf("spec", ["protocol.md", "protocol.md §7"]);
    check = spec === "protocol.md" ? checks.handshake : checks.devices;
    if (file.integer("version", 1n) !== 1n) throw new VectorError("version: must be 1");
  }
  const cases = file.list("vectors");
  if (cases.length === 0) throw new VectorError("vectors: no cases");
  return { cases, check };
}

function nameOf(value: unknown, index: number): string {
  const label =
    typeof value === "object" && value !== null && "label" in value ? value.label : undefined;
  return typeof label === "string" ? `case ${index + 1} (${label})` : `case ${index + 1}`;
}

function describe(error: unknown): string {
  if (error instanceof VectorError) return error.message;
  if (error instanceof SyntaxError) return "is not JSON";
  return `could not be computed: ${error instanceof Error ? error.message : String(error)}`;
}
