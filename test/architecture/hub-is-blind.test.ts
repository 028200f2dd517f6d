// The hub must be unable to open a frame: not by policy, but because nothing that could is reachable.
import { readFileSync, existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { listSourceFiles, readSource, root, walkImports, withoutComments } from "./source-files.ts";

const ciphers = /^@noble\/|^@scure\/|^libsodium|^tweetnacl|^@stablelib\//;

describe("the hub cannot open a frame", () => {
  test("its package lists no cipher and no part that has one", () => {
    const manifest = JSON.parse(readFileSync(path.join(root, "hub/package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    const names = Object.keys(manifest.dependencies);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => ciphers.test(name))).toEqual([]);
    expect(names).not.toContain("@leapmux/native");
    expect(names).not.toContain("@leapmux/worker");
  });

  test("nothing reachable from its context opens, seals or shakes hands", () => {
    expect(existsSync(path.join(root, "hub/context.ts"))).toBe(true);
    const reachable = walkImports("hub/context.ts");
    expect(reachable.size).toBeGreaterThan(10);
    const forbidden = [...reachable.entries()].filter(([target]) => {
      return (
        ciphers.test(target) ||
        /^shared\/(channel|noise|endpoint|identity|wire)\//.test(target) ||
        /^(native|worker|frontend|cli)\//.test(target) ||
        target.startsWith("proto/gen/leapmux/sealed/")
      );
    });
    expect(forbidden.map(([, way]) => way.join(" → "))).toEqual([]);
  });

  test("none of its files names a cipher, a key agreement or a key encapsulation of Node or the web", () => {
    const names =
      /\b(createDecipheriv|createCipheriv|diffieHellman|createECDH|decapsulate|encapsulate|privateDecrypt|publicEncrypt|subtle)\b/;
    const users = listSourceFiles()
      .filter((file) => file.startsWith("hub/") && !file.endsWith(".test.ts"))
      .filter((file) => names.test(withoutComments(readSource(file))));
    expect(users).toEqual([]);
  });
});
