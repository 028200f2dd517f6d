// The YAML file of one command: a flat mapping from the keys of its settings table to scalars.
// Unknown keys are refused with the nearest known one, so that no typing error goes unnoticed.
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseDocument } from "yaml";
import { CommandError } from "../command-error.ts";
import { closest } from "./closest.ts";
import { type CommandSettings, fileKey, variableName } from "./settings.ts";

/** Setting names to what the file says, as text. */
export type FileValues = ReadonlyMap<string, string>;

/** `mustExist`: the file was named by somebody; the one at the default place may be missing. */
export function readSettingsFile(
  settings: CommandSettings,
  file: string,
  { mustExist }: { mustExist: boolean },
): FileValues {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" && !mustExist) return new Map();
    const why = code === "ENOENT" ? "does not exist" : `cannot be read (${String(code)})`;
    throw new CommandError("usage", `the configuration file ${file} ${why}`, undefined, error);
  }
  return parseSettingsFile(settings, path.basename(file), text);
}

export function parseSettingsFile(
  settings: CommandSettings,
  name: string,
  text: string,
): FileValues {
  const document = parseDocument(text, { uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) {
    // The first line names place and reason; what follows would repeat the file's text.
    const reason = error.message.split("\n", 1)[0]?.replace(/:$/, "");
    throw new CommandError("usage", `${name} is not valid YAML: ${reason}`);
  }
  const content: unknown = document.toJS({ maxAliasCount: 0 });
  if (content === null || content === undefined) return new Map();
  if (typeof content !== "object" || Array.isArray(content)) {
    throw new CommandError("usage", `${name} must be a list of lines such as \`log_level: info\``);
  }

  const nameByKey = new Map(Object.keys(settings.table).map((each) => [fileKey(each), each]));
  const values = new Map<string, string>();
  for (const [key, value] of Object.entries(content)) {
    const setting = nameByKey.get(key);
    if (setting === undefined) throw unknownKey(name, key, settings, nameByKey.keys());
    if (settings.table[setting]?.secret === true) {
      throw new CommandError(
        "usage",
        `${name}: ${key} does not belong into a file`,
        `Give it in ${variableName(settings, setting)}, or in a file of its own that ${key}_file names.`,
      );
    }
    if (value === null) continue;
    if (!["string", "number", "boolean"].includes(typeof value)) {
      throw new CommandError("usage", `${name}: ${key} must be a single value`);
    }
    values.set(setting, String(value));
  }
  return values;
}

function unknownKey(
  file: string,
  key: string,
  settings: CommandSettings,
  known: Iterable<string>,
): CommandError {
  const names = [...known].filter((each) => each !== "public_url");
  const near = closest(key, names);
  const hint = near === undefined ? `Known are ${names.join(", ")}.` : `Did you mean ${near}?`;
  return new CommandError("usage", `${file}: unknown key ${key} for ${settings.command}`, hint);
}
