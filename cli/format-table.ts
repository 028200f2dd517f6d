/** Lines of a table, its columns as wide as they need to be. No cell steers the terminal that shows it. */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const clean = [head, ...rows].map((row) => row.map(printableCell));
  const widths = head.map((_, column) =>
    Math.max(...clean.map((row) => widthOf(row[column] ?? ""))),
  );
  return clean.map((row) =>
    row
      .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - widthOf(cell)))
      .join("  ")
      .trimEnd(),
  );
}

/** Controls, line ends, what turns the direction of text around, and what is not there to be seen. */
const steering =
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is replaced
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}/gu;

export function printableCell(text: string): string {
  return text.replaceAll(steering, "\ufffd");
}

/** One line of JSON that means the same and steers nothing: escaped is more than JSON itself demands. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    steering,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const wide =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6])|\ufe0f/u;

/** Columns of a terminal that the text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}
