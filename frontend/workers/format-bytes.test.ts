import { expect, it } from "vitest";
import { formatBytes } from "./format-bytes.ts";

it.each([
  [0n, "0 bytes"],
  [1023n, "1023 bytes"],
  [1024n, "1.0 KiB"],
  [12n * 1024n * 1024n, "12 MiB"],
  [1_610_612_736n, "1.5 GiB"],
  [2n ** 60n, "1048576 TiB"],
])("says %s as %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
