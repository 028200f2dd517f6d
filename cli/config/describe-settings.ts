// The settings tables in words, for docs/configuration.md; help takes the same parts from the table.
import { declarationOf, settingNames } from "@leapmux/hub/settings/hub-settings.ts";
import { type CommandSettings, everyCommand, fileKey, flagName, variableName } from "./settings.ts";

/** The document with the table between each pair of markers renewed. */
export function renewSettingsTables(text: string): string {
  let renewed = text;
  const tables = [
    ...everyCommand.map((settings) => [settings.command, describeSettings(settings)] as const),
    ["database", describeHubSettings()] as const,
  ];
  for (const [name, described] of tables) {
    const [open, close] = [`<!-- settings:${name} -->`, `<!-- /settings -->`];
    const start = renewed.indexOf(open);
    const end = renewed.indexOf(close, start);
    if (start === -1 || end === -1) throw new Error(`no place for settings of ${name}`);
    renewed = `${renewed.slice(0, start)}${open}\n\n${described}\n\n${renewed.slice(end)}`;
  }
  return renewed;
}

/** The settings that admins change while the hub runs, from where they are declared. */
function describeHubSettings(): string {
  const rows = settingNames.map((name) => {
    const { kind, builtIn, sentence, hot } = declarationOf(name);
    const unit = kind.unit === "" ? "" : ` (${kind.unit})`;
    return [
      code(name),
      `${kind.range}${unit}`,
      builtIn === "" ? "–" : code(builtIn),
      hot ? "at once" : "at the next start",
      sentence,
    ];
  });
  return table(["Name", "Range", "Built-in", "Takes effect", "Meaning"], rows);
}

/** A Markdown table of every setting of one command, padded as the formatter would. */
function describeSettings(settings: CommandSettings): string {
  const rows = Object.entries(settings.table)
    .filter(([, setting]) => setting.refused === undefined)
    .map(([name, setting]) => {
      const value = setting.placeholder === undefined ? "" : ` ${setting.placeholder}`;
      return [
        code(`--${flagName(name)}${value}`),
        code(variableName(settings, name)),
        setting.secret === true ? "–" : code(fileKey(name)),
        setting.builtIn === undefined ? "–" : code(setting.builtIn),
        setting.description,
      ];
    });
  return table(["Flag", "Variable", "Key in the file", "Built-in", "Meaning"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => {
    return Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0));
  });
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}
