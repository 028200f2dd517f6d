import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const root = path.join(import.meta.dirname, "..", "..");

interface Bill {
  bomFormat: string;
  metadata: object;
  components: { name: string; version: string; purl: string; hashes?: { content: string }[] }[];
}
interface LockFile {
  packages: Record<string, { version?: string; integrity?: string; dev?: true; link?: true }>;
}

function makeBill(): string {
  const { stdout, status } = spawnSync("npm", ["run", "--silent", "sbom"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 2 ** 20,
  });
  expect(status).toBe(0);
  return stdout;
}

test("the bill of materials names every package that is carried along, with its hash, and is the same twice", () => {
  const text = makeBill();
  const bill = JSON.parse(text) as Bill;
  expect(bill).toMatchObject({
    bomFormat: "CycloneDX",
    metadata: { component: { name: "leapmux" } },
  });
  const lock = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")) as LockFile;
  const carried = Object.entries(lock.packages).flatMap(([place, { version, integrity, dev }]) => {
    const name = place.replace(/^.*node_modules\//, "");
    return integrity === undefined || dev === true ? [] : [`${name}@${version}`];
  });
  expect(carried.length).toBeGreaterThan(50);
  const listed = new Set(
    bill.components.flatMap(({ name, version, hashes }) =>
      hashes === undefined ? [] : [`${name}@${version}`],
    ),
  );
  expect(carried.filter((each) => !listed.has(each))).toEqual([]);
  expect([...listed].filter((each) => each.startsWith("vitest@"))).toEqual([]);
  expect(makeBill()).toBe(text);
});
