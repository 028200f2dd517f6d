/** What axe finds on the page as it is now, as far as it is serious or critical. */
import axe from "axe-core";
import type { Page } from "playwright-core";

export async function findSeriousProblems(page: Page): Promise<string[]> {
  // What fades in has the colours of its end only at its end.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((animation) => animation.effect?.getComputedTiming().iterations !== Infinity)
        .map((animation) => animation.finished),
    ),
  );
  // By the debugging protocol: the page's own policy forbids foreign scripts, and shall.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => {
    const { run } = Reflect.get(globalThis, "axe") as typeof axe;
    return run(document, { resultTypes: ["violations"] });
  });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
    );
}
