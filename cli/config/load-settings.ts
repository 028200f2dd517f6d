// What a command runs with: built-in < file < environment < flags, for every setting of its table.
// Each value is remembered with its source, so that an error says where the wrong one was written.
import path from "node:path";
import { CommandError } from "../command-error.ts";
import { closest } from "./closest.ts";
import type { Environment } from "./environment.ts";
import { readSettingsFile } from "./read-settings-file.ts";
import {
  type CommandSettings,
  everyCommand,
  fileKey,
  flagName,
  type SettingsTable,
  type SettingValues,
  variableName,
} from "./settings.ts";
import { readSecretFile } from "./read-secret-file.ts";
import { directory, filePath } from "./value-types.ts";

export interface LoadedSettings<Table extends SettingsTable> {
  values: SettingValues<Table>;
  /** Where each was written that is not the built-in one, by name. */
  sources: ReadonlyMap<string, string>;
  /** Nothing that stops the start, but that somebody should know. */
  warnings: string[];
}

/** What was written somewhere, and where. */
interface Written {
  text: string;
  /** As an error names it: `--listen`, `LEAPMUX_HUB_LISTEN`, `listen in config.yaml`. */
  source: string;
  /** Where a relative directory starts. */
  base: string;
}

const builtInSource = "the built-in value";

/** `typed` holds the flags that were really typed, by setting name, and `config` for `--config`. */
export function loadSettings<Table extends SettingsTable>(
  settings: CommandSettings<Table>,
  typed: ReadonlyMap<string, string>,
  environment: Environment,
): LoadedSettings<Table> {
  const { variables, workingDir } = environment;
  const given = typed.get("config") ?? nonEmpty(variables[variableName(settings, "config")]);
  const file =
    given === undefined
      ? path.join(environment.configHome, "leapmux", settings.command, "config.yaml")
      : path.resolve(workingDir, expandHome(given, environment));
  const fromFile = readSettingsFile(settings, file, { mustExist: given !== undefined });

  const values: Record<string, unknown> = {};
  const sources = new Map<string, string>();
  for (const [name, setting] of Object.entries(settings.table)) {
    const written = pick([
      [typed.get(name), `--${flagName(name)}`, workingDir],
      [nonEmpty(variables[variableName(settings, name)]), variableName(settings, name), workingDir],
      [fromFile.get(name), `${fileKey(name)} in ${path.basename(file)}`, path.dirname(file)],
      [setting.builtIn, builtInSource, workingDir],
    ]);
    if (written === undefined) continue;
    if (setting.refused !== undefined) {
      throw new CommandError("usage", `${written.source} is refused: ${setting.refused}`);
    }
    const result = setting.kind.safeParse(written.text);
    if (!result.success) {
      const [issue] = result.error.issues;
      throw new CommandError("usage", `${written.source} ${issue?.message ?? "is not valid"}`);
    }
    if (written.source !== builtInSource) sources.set(name, written.source);
    values[name] =
      setting.kind === directory || setting.kind === filePath
        ? path.resolve(written.base, expandHome(written.text, environment))
        : result.data;
  }
  for (const [name, { holds }] of Object.entries(settings.table)) {
    const source = sources.get(name);
    if (holds === undefined || source === undefined) continue;
    const other = sources.get(holds);
    // Which one is meant cannot be told, and the wrong secret could go to the wrong place.
    if (other !== undefined) {
      throw new CommandError("usage", `${other} and ${source} say the same thing: leave one out`);
    }
    const text = readSecretFile(String(values[name]), source);
    const result = settings.table[holds]?.kind.safeParse(text);
    if (result?.success !== true) {
      throw new CommandError("usage", `what the file of ${source} holds is not valid`);
    }
    values[holds] = result.data;
  }
  return {
    // Every entry was parsed by the kind of the same name in the table.
    values: values as SettingValues<Table>,
    sources,
    warnings: unknownVariables(settings, environment),
  };
}

function pick(sources: [text: string | undefined, source: string, base: string][]) {
  for (const [text, source, base] of sources) {
    if (text !== undefined) return { text, source, base } satisfies Written;
  }
  return undefined;
}

/** `~/.config` follows XDG_CONFIG_HOME; any other `~/` is the home directory. */
function expandHome(text: string, { homeDir, configHome }: Environment): string {
  if (text.startsWith("~/.config/")) return path.join(configHome, text.slice("~/.config/".length));
  return text === "~" || text.startsWith("~/") ? path.join(homeDir, text.slice(1)) : text;
}

function unknownVariables(settings: CommandSettings, { variables }: Environment): string[] {
  const known = new Set<string>();
  // Solo and hub share a prefix: what only the other one knows is no mistake here.
  for (const each of everyCommand) {
    for (const name of [...Object.keys(each.table), "config"]) known.add(variableName(each, name));
  }
  const warnings: string[] = [];
  for (const name of Object.keys(variables)) {
    if (!name.startsWith(settings.envPrefix) || known.has(name)) continue;
    const near = closest(name, known);
    warnings.push(
      `${name} is not a setting and has no effect${near === undefined ? "" : `; did you mean ${near}?`}`,
    );
  }
  return warnings;
}

/** An empty variable is the same as none: shells make it hard to unset one for a single command. */
function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
