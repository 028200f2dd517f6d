const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/** "1.5 GiB", "12 MiB": one digit behind the point only where it says something. */
export function formatBytes(bytes: bigint): string {
  let value = Number(bytes);
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const text = unit > 0 && value < 10 ? value.toFixed(1) : String(Math.round(value));
  return `${text} ${units[unit]}`;
}
