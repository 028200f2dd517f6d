/** The terminal in front of a page: what it shows, row by row, and typing into it. */
import type { Page } from "playwright-core";

const rowsInFront = "[data-terminal-id]:not(.terminal-hidden) .xterm-rows";
const patienceMs = 30_000;
/** Not with every frame: a page that is busy drawing has other things to do. */
const pollingMs = 50;

/** The visible rows without the blanks at their ends. */
export async function readRows(page: Page): Promise<string[]> {
  return page.evaluate(
    (selector) =>
      [...(document.querySelector(selector)?.children ?? [])].map((row) =>
        (row.textContent ?? "").replaceAll("\u00a0", " ").trimEnd(),
      ),
    rowsInFront,
  );
}

/** Waits for a condition inside the page; the error tells what stood on the screen instead. */
export async function untilInPage<Argument>(
  page: Page,
  what: string,
  condition: (argument: Argument) => unknown,
  argument: Argument,
  withinMs = patienceMs,
): Promise<void> {
  try {
    // The types of playwright unwrap handles in the argument, of which there are none.
    await page.waitForFunction(condition as (argument: unknown) => unknown, argument, {
      timeout: withinMs,
      polling: pollingMs,
    });
  } catch (error) {
    const rows = await readRows(page).catch(() => []);
    throw new Error(`waited for: ${what}\n${rows.join("\n").trimEnd()}`, { cause: error });
  }
}

/** Until some row ends with this text; a prompt or an answer, never the question. */
export async function untilRow(page: Page, text: string, withinMs?: number): Promise<void> {
  await untilInPage(
    page,
    `a row ${JSON.stringify(text)}`,
    ({ selector, wanted }) =>
      [...(document.querySelector(selector)?.children ?? [])].some(
        (row) => row.textContent?.replaceAll("\u00a0", " ").trimEnd() === wanted,
      ),
    { selector: rowsInFront, wanted: text },
    withinMs,
  );
}

/** Until the screen shows this text anywhere, rows put together. */
export async function untilShown(page: Page, text: string, withinMs?: number): Promise<void> {
  await untilInPage(
    page,
    `the text ${JSON.stringify(text)}`,
    ({ selector, wanted }) =>
      document.querySelector(selector)?.textContent?.replaceAll("\u00a0", " ").includes(wanted),
    { selector: rowsInFront, wanted: text },
    withinMs,
  );
}

/** A live shell that waits at its prompt and has the keyboard. */
export async function untilPrompt(page: Page): Promise<void> {
  await untilState(page, "live");
  await untilInPage(
    page,
    "a prompt in a terminal with the focus",
    (selector) => {
      const rows = document.querySelector(selector);
      const terminal = rows?.closest("[data-terminal-id]");
      const last = [...(rows?.children ?? [])].filter((row) => row.textContent?.trim()).at(-1);
      return last?.textContent?.trim() === "$" && terminal?.contains(document.activeElement);
    },
    rowsInFront,
  );
}

export async function untilState(page: Page, state: string, withinMs?: number): Promise<void> {
  await untilInPage(
    page,
    `a terminal that is ${state}`,
    (wanted) =>
      document.querySelector(
        `[data-terminal-id]:not(.terminal-hidden)[data-terminal-state="${wanted}"] .xterm`,
      ),
    state,
    withinMs,
  );
}

/** Another tab, in front and at its prompt. */
export async function newTerminal(page: Page, untilReady = untilPrompt): Promise<void> {
  const before = page.url();
  await page.getByRole("button", { name: "New terminal", exact: true }).click();
  await page.waitForURL((url) => url.href !== before && url.pathname.includes("/t/"));
  await untilReady(page);
}

/** Types a command; what it prints must be told apart from its echo by the caller. */
export async function typeLine(page: Page, text: string): Promise<void> {
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}

let fences = 0;

/** Everything typed before was run: the shell answers with a number that it computes. */
export async function settle(page: Page): Promise<void> {
  fences += 1;
  await typeLine(page, `echo fence-$((1000000 + ${fences}))`);
  await untilRow(page, `fence-${1_000_000 + fences}`);
}

/**
 * Everything from the first line of the scrollback to the last row, by going up through it page by page as a person
 * does. Each page overlaps the one below it in at least one line, which must be unique.
 */
export async function readScrollback(page: Page): Promise<string[]> {
  return page.evaluate(async (selector) => {
    const element = document.querySelector(selector);
    const textarea = element?.closest("[data-terminal-id]")?.querySelector("textarea");
    if (!element || !textarea) throw new Error("no terminal is shown");
    const readPage = (): string[] =>
      [...element.children].map((row) =>
        (row.textContent ?? "").replaceAll("\u00a0", " ").trimEnd(),
      );
    const turnPage = async (key: string): Promise<string[]> => {
      textarea.dispatchEvent(
        new KeyboardEvent("keydown", { key, altKey: true, bubbles: true, cancelable: true }),
      );
      // xterm draws with the next frames.
      for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
      return readPage();
    };
    let all = readPage();
    for (;;) {
      const rows = await turnPage("PageUp");
      const shift = rows
        .map((_, index) => rows.length - 1 - index)
        .find((by) => rows.slice(by).every((row, index) => row === all[index]));
      if (shift === undefined) throw new Error(`two pages do not meet: ${rows.join("\n")}`);
      if (shift === 0) break;
      all = [...rows.slice(0, shift), ...all];
    }
    for (let turned = 0; turned < all.length; turned += element.children.length - 1) {
      await turnPage("PageDown");
    }
    return all;
  }, rowsInFront);
}
