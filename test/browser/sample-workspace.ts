/** A workspace as somebody might have it in the middle of a day, for pictures: nothing of this machine is in it. */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { Cleanup } from "../harness/make-cleanup.ts";
import { startSolo } from "../harness/start-processes.ts";
import { makeHome } from "./open-page.ts";
import { newTerminal, typeLine, untilShown, untilState } from "./terminal-in-page.ts";

const escape = "\x1b";
const paint = (code: string, text: string): string => `${escape}[${code}m${text}${escape}[0m`;
const hash = (text: string): string => paint("33", text);
const red = (text: string): string => paint("31", text);
const green = (text: string): string => paint("32", text);

const log = [
  `* ${hash("4f2c9d1 (")}${paint("1;36", "HEAD -> ")}${paint("1;32", "main")}${hash(")")} Show gusts on the map`,
  `* ${hash("b7710ea")} Round temperatures the way people do`,
  `*   ${hash("a81be07")} Merge branch 'forecast'`,
  `${red("|")}${green("\\")}`,
  `${red("|")} * ${hash("77d03c2")} Keep forecasts for ten minutes`,
  `${red("|")} * ${hash("19e5f6a")} Ask each station only once`,
  `* ${green("|")} ${hash("0c4d8b3")} Name the stations in the legend`,
  `${green("|")}${green("/")}`,
  `* ${hash("e93a5f0")} ${hash("(")}${paint("1;33", "tag: v0.4.0")}${hash(")")} Release 0.4.0`,
  `* ${hash("5d1e2c7")} Draw the week as bars`,
];

const tests = [
  "",
  ...[
    ["reads a station", 4],
    ["survives a station that says nothing", 11],
    ["keeps a forecast for ten minutes", 2],
    ["rounds temperatures the way people do", 1],
    ["draws gusts as triangles", 7],
  ].map(([name, ms]) => `  ${green("✓")} ${name} ${paint("90", `${ms} ms`)}`),
  "",
  `  ${green("5 passed")} ${paint("90", "in 214 ms")}`,
  "",
];

/** A bar for each day whose colour is its temperature, out of all 24 bits. */
const week = [
  ["Mon", 9, "rain until noon"],
  ["Tue", 12, "clouds"],
  ["Wed", 16, "sun and clouds"],
  ["Thu", 21, "sun"],
  ["Fri", 24, "sun"],
  ["Sat", 19, "thunder"],
  ["Sun", 14, "rain"],
].map(([day, degrees, sky]) => {
  const cells = Array.from({ length: Number(degrees) }, (_, at) => {
    const warmth = at / 25;
    const colour = [70 + 180 * warmth, 150 - 20 * warmth, 235 - 190 * warmth].map(Math.round);
    return paint(`38;2;${colour.join(";")}`, "▆");
  }).join("");
  return `  ${day}  ${cells} ${paint("1", `${degrees}°`)} ${paint("90", String(sky))}`;
});

const prompt = `${paint("34", "~/weather")} ${paint("35", "main")} $ `;

export async function startSampleSolo(cleanup: Cleanup): Promise<string> {
  const { home, env } = await makeHome(cleanup);
  const project = join(home, "weather");
  await mkdir(project);
  for (const [name, lines] of Object.entries({ log, tests, week })) {
    await writeFile(join(home, `.${name}`), `${lines.join("\n")}\n`);
  }
  await writeFile(
    join(home, ".profile"),
    `cd ~/weather\nPS1='${prompt}'\ngit() { cat ~/.log; }\nnpm() { cat ~/.tests; }\nprintf '${escape}[H${escape}[2J'\n`,
  );
  await writeFile(join(project, "forecast"), "#!/bin/sh\ncat ~/.week\n");
  await chmod(join(project, "forecast"), 0o755);
  const { url } = await startSolo(cleanup, { env });
  return url;
}

/** Types what the pictures show, as a user would; the first tab is in front at the end. */
export async function fillSampleWorkspace(page: Page): Promise<void> {
  await untilPainted(page);
  await renameCurrent(page, "workspace", "Photos");
  await page.keyboard.press("Alt+Shift+KeyN");
  const name = page.getByRole("textbox", { name: "Name of the workspace" });
  await name.fill("Weather");
  await name.press("Enter");
  await page.getByRole("link", { name: "Weather" }).waitFor();
  await untilPainted(page);
  await renameCurrent(page, "tab", "weather");
  for (const title of ["tests", "logs"]) {
    await newTerminal(page, untilPainted);
    await renameCurrent(page, "tab", title);
  }
  await page.keyboard.press("Alt+Shift+1");
  await page.getByRole("tab", { name: "weather", selected: true }).waitFor();
  await untilPainted(page);
  await typeLine(page, "git log --oneline --graph -10");
  await untilShown(page, "Draw the week as bars");
  await typeLine(page, "npm test");
  await untilShown(page, "5 passed");
  await typeLine(page, "./forecast");
  await untilShown(page, "thunder");
}

/** A live shell at the prompt of the pictures. */
async function untilPainted(page: Page): Promise<void> {
  await untilState(page, "live");
  await untilShown(page, "~/weather main $");
}

async function renameCurrent(page: Page, what: "tab" | "workspace", title: string): Promise<void> {
  if (what === "tab") await page.keyboard.press("Alt+Shift+KeyR");
  else await page.getByRole("navigation").getByRole("link").first().dblclick();
  const field = page.getByRole("textbox", { name: `Name of the ${what}` });
  await field.fill(title);
  await field.press("Enter");
  await field.waitFor({ state: "detached" });
}
