// The settings tables in words, for docs/configuration.md; help takes the same parts from the table.
import { type CommandSettings, everyCommand, fileKey, flagName, variableName } from "./settings.ts";

/** The document with the table between each pair of markers renewed. */
export function renewSettingsTables(text: string): string {
  let renewed = text;
  for (const settings of everyCommand) {
    const [open, close] = [`<!-- settings:${settings.command} -->`, `<!-- /settings -->`];
    const start = renewed.indexOf(open);
    const end = renewed.indexOf(close, start);
    if (start === -1 || end === -1) throw new Error(`no place for settings of ${settings.command}`);
    const table = `${open}\n\n${describeSettings(settings)}\n\n`;
    renewed = renewed.slice(0, start) + table + renewed.slice(end);
  }
  return renewed;
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
  const head = ["Flag", "Variable", "Key in the file", "Built-in", "Meaning"];
  const widths = head.map((_, column) => {
    return Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0));
  });
  const line = (cells: string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}
