/** Lines of a table, its columns as wide as they need to be. No cell steers the terminal that shows it. */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const clean = [head, ...rows].map((row) =>
    // eslint-disable-next-line no-control-regex -- control characters are exactly what is replaced
    row.map((cell) => cell.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd")),
  );
  const widths = head.map((_, column) => Math.max(...clean.map((row) => row[column]?.length ?? 0)));
  return clean.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
