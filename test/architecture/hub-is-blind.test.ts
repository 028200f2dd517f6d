// The hub must be unable to open a frame: not by policy, but because nothing that could is reachable.
import { readFileSync, existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import {
  listSourceFiles,
  readImports,
  readSource,
  root,
  walkImports,
  withoutComments,
} from "./source-files.ts";

/** The one file with a cipher: for secrets at rest, with keys out of a file of the hub's own (docs/adr/0012). */
const keystore = "hub/keystore/keystore.ts";
const ciphers = /^@noble\/|^@scure\/|^libsodium|^tweetnacl|^@stablelib\//;

describe("the hub cannot open a frame", () => {
  test("its package lists no cipher but the one at rest, and no part that has one", () => {
    const manifest = JSON.parse(readFileSync(path.join(root, "hub/package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    const names = Object.keys(manifest.dependencies);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => ciphers.test(name))).toEqual(["@noble/ciphers"]);
    expect(names).not.toContain("@leapmux/native");
    expect(names).not.toContain("@leapmux/worker");
  });

  test("nothing reachable from its context opens, seals or shakes hands", () => {
    expect(existsSync(path.join(root, "hub/context.ts"))).toBe(true);
    const reachable = walkImports("hub/context.ts");
    expect(reachable.size).toBeGreaterThan(10);
    const forbidden = [...reachable.entries()].filter(([target, way]) => {
      const isAtRest = target === "@noble/ciphers" && way.at(-2) === keystore;
      return (
        (ciphers.test(target) && !isAtRest) ||
        /^shared\/(channel|noise|endpoint|identity|wire)\//.test(target) ||
        /^(native|worker|frontend|cli)\//.test(target) ||
        target.startsWith("proto/gen/leapmux/sealed/")
      );
    });
    expect(forbidden.map(([, way]) => way.join(" → "))).toEqual([]);
  });

  test("one file alone has a cipher, XChaCha20-Poly1305, which no frame is sealed with", () => {
    const code = new Map(
      listSourceFiles()
        .filter((file) => file.startsWith("hub/") && !file.endsWith(".test.ts"))
        .map((file) => [file, withoutComments(readSource(file))]),
    );
    const users = [...code].filter(([, text]) => /["'](@noble|@scure)\//.test(text));
    expect(users.map(([file]) => file)).toEqual([keystore]);
    const imports = code.get(keystore)?.match(/^import .*@noble.*$/gm);
    expect(imports).toEqual(['import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";']);
    // It takes keys from the ring alone, which is read from its file alone, or is what that is wrapped with.
    expect(
      readImports(keystore)
        .filter((each) => !each.typeOnly)
        .map((each) => each.specifier),
    ).toEqual(["@noble/ciphers/chacha.js", "./key-ring.ts"]);
    expect(readImports("hub/keystore/key-ring.ts")).toEqual([]);
    const product = [...code].filter(([file]) => !file.startsWith("hub/test-support/"));
    const makers = product.filter(([, text]) => /\bmakeKeystore\b/.test(text));
    expect(makers.map(([file]) => file).sort()).toEqual([
      // It opens what a backup holds, to know that its keys fit.
      "hub/backup/check-keys-fit.ts",
      "hub/keystore/key-operations.ts",
      keystore,
      "hub/keystore/live-keystore.ts",
      "hub/keystore/wrapped-ring.ts",
    ]);
    const readers = product.filter(([, text]) => /\bparseKeyRing\b/.test(text));
    expect(readers.map(([file]) => file).sort()).toEqual([
      "hub/keystore/key-ring.ts",
      "hub/keystore/ring-file.ts",
    ]);
    // Nothing of the relay or of a link may reach it.
    for (const file of code.keys()) {
      if (!/^hub\/(relay|rpc\/(channel|worker-link))\//.test(file)) continue;
      expect(walkImports(file).has(keystore), file).toBe(false);
    }
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
