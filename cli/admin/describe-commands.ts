// Every command of `leapmux admin` in words, for docs/administration.md, from what the parser uses.
import {
  type AdminFlag,
  type AdminGroup,
  argumentOf,
  commonFlags,
  everyAdminCommand,
  flagsOf,
} from "./admin-command.ts";
import { adminGroups } from "./groups.ts";

const open = "<!-- admin-commands -->";
const close = "<!-- /admin-commands -->";

/** The document with what stands between the markers renewed. */
export function renewAdminCommands(text: string): string {
  const [start, end] = [text.indexOf(open), text.indexOf(close)];
  if (start === -1 || end === -1) throw new Error("no place for the commands of admin");
  const described = [...adminGroups.map(describeGroup), describeCommon()].join("\n\n");
  return `${text.slice(0, start)}${open}\n\n${described}\n\n${text.slice(end)}`;
}

function describeGroup(group: AdminGroup): string {
  const aliases = group.aliases ?? [];
  const also = aliases.length === 0 ? "" : ` (also ${aliases.map(code).join(", ")})`;
  const commands = [...everyAdminCommand([group])].map(({ words, command }) => {
    const own = flagsOf(command).filter((flag) => !commonFlags.includes(flag));
    const lines = own.map((flag) => `  - ${code(spell(flag))}: ${flag.description}.`);
    const argument = argumentOf(command)?.spelt.replaceAll(/[<>]/g, "");
    const typed = [...words, ...(argument === undefined ? [] : [argument])];
    return [
      `- ${code(`leapmux admin ${typed.join(" ")}`)}: ${command.description}.`,
      ...lines,
    ].join("\n");
  });
  return [`### ${group.name}${also}`, `${group.description}.`, commands.join("\n")].join("\n\n");
}

function describeCommon(): string {
  const lines = commonFlags.map((flag) => `- ${code(spell(flag))}: ${flag.description}.`);
  return ["### Of every command", lines.join("\n")].join("\n\n");
}

function spell({ name, placeholder }: AdminFlag): string {
  return placeholder === undefined ? `--${name}` : `--${name} ${placeholder}`;
}

function code(text: string): string {
  return `\`${text}\``;
}
