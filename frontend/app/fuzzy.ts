/**
 * How well what was typed fits a name: undefined when a letter is missing, else higher is better.
 * Letters must come in order; starts of words and runs count most, so that "nt" finds "New terminal".
 */
export function fuzzyScore(typed: string, name: string): number | undefined {
  const wanted = typed.toLowerCase().replaceAll(/\s+/g, "");
  if (wanted === "") return 0;
  const text = name.toLowerCase();
  const memo = new Map<number, number>();

  /** Best score of `wanted` from `at` on, in `text` from `from` on. */
  function best(at: number, from: number, afterHit: boolean): number {
    if (at === wanted.length) return 0;
    const key = (at * (text.length + 1) + from) * 2 + Number(afterHit);
    const known = memo.get(key);
    if (known !== undefined) return known;
    let top = -Infinity;
    for (let i = text.indexOf(wanted[at]!, from); i >= 0; i = text.indexOf(wanted[at]!, i + 1)) {
      const startsWord = i === 0 || /[^\p{L}\p{N}]/u.test(text[i - 1]!);
      const runs = afterHit && i === from;
      const points = runs ? 8 : startsWord ? 6 : 1;
      top = Math.max(top, points - (i - from) * 0.05 + best(at + 1, i + 1, true));
    }
    memo.set(key, top);
    return top;
  }

  const score = best(0, 0, false);
  return score === -Infinity ? undefined : score - text.length * 0.01;
}
