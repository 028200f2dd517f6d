/**
 * Reads the JSON of a vector file so that nothing in it goes unnoticed: an object must have exactly the
 * expected keys, and every value its exact type. What is wrong is thrown as a `VectorError` with its path.
 */
export class VectorError extends Error {}

export interface Fields {
  bytes(key: string, length?: number): Uint8Array;
  text(key: string): string;
  oneOf<Choice extends string>(key: string, choices: readonly Choice[]): Choice;
  /** A whole number from 0 to `most`, also beyond 2^53. */
  integer(key: string, most: bigint): bigint;
  yes(key: string): true;
  object(key: string, keys: readonly string[]): Fields;
  list(key: string): readonly unknown[];
}

export function readFields(value: unknown, path: string, keys: readonly string[]): Fields {
  const object = readObject(value, path);
  for (const key of Object.keys(object)) {
    if (!keys.includes(key)) throw new VectorError(`${join(path, key)}: unknown key`);
  }
  for (const key of keys) {
    if (!Object.hasOwn(object, key)) throw new VectorError(`${join(path, key)}: missing`);
  }

  function fail(key: string, expected: string): never {
    throw new VectorError(`${join(path, key)}: must be ${expected}`);
  }

  function text(key: string): string {
    const field = object[key];
    return typeof field === "string" ? field : fail(key, "a string");
  }

  return {
    text,
    bytes(key, length) {
      const hex = text(key);
      if (!/^([0-9a-f]{2})*$/i.test(hex)) fail(key, "hex");
      const bytes = new Uint8Array(Buffer.from(hex, "hex"));
      if (length !== undefined && bytes.length !== length) fail(key, `${length} bytes`);
      return bytes;
    },
    oneOf(key, choices) {
      const found = choices.find((choice) => choice === object[key]);
      return found ?? fail(key, choices.map((choice) => `"${choice}"`).join(" or "));
    },
    integer(key, most) {
      const field = object[key];
      const number =
        typeof field === "number" && Number.isSafeInteger(field) ? BigInt(field) : field;
      if (typeof number !== "bigint" || number < 0n || number > most) {
        fail(key, `a whole number from 0 to ${most}`);
      }
      return number;
    },
    yes: (key) => (object[key] === true ? true : fail(key, "true")),
    object: (key, nestedKeys) => readFields(object[key], join(path, key), nestedKeys),
    list(key) {
      const field = object[key];
      return Array.isArray(field) ? (field as readonly unknown[]) : fail(key, "a list");
    },
  };
}

/** Any object; for looking at what decides which keys are expected. */
export function readObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new VectorError(`${path === "" ? "the file" : path}: must be an object`);
  }
  return value as Record<string, unknown>;
}

/** JSON whose whole numbers beyond 2^53 come as `bigint`: correlation ids have 64 bits. */
export function parseJson(text: string): unknown {
  const parse = JSON.parse as (
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ) => unknown;
  return parse(text, (_key, value, { source }) => {
    const exact = typeof value !== "number" || Number.isSafeInteger(value);
    return exact || !source || !/^\d+$/.test(source) ? value : BigInt(source);
  });
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
