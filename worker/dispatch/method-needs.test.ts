import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { DescFile, DescMethod } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { makeWorkspaceScope } from "@leapmux/shared/devices/scope.ts";
import { describe, expect, test } from "vitest";
import { checkScope, findNeed } from "./method-needs.ts";

const folder = join(import.meta.dirname, "../../proto/gen/leapmux/sealed/v1");

/** Every method of every service that a channel may carry, from the generated files themselves. */
async function listMethods(): Promise<readonly DescMethod[]> {
  const methods: DescMethod[] = [];
  for (const name of readdirSync(folder).filter((file) => file.endsWith("_pb.ts"))) {
    const generated = (await import(join(folder, name))) as Record<string, unknown>;
    const file = Object.entries(generated).find(([key]) => key.startsWith("file_"))?.[1];
    methods.push(...(file as DescFile).services.flatMap((service) => service.methods));
  }
  return methods;
}

const methods = await listMethods();

describe("what a caller needs", () => {
  test("is declared for every method of every sealed service", () => {
    expect(methods.length).toBeGreaterThan(10);
    const undeclared = methods.filter((method) => findNeed(method) === null);
    expect(undeclared.map((method) => `${method.parent.typeName}/${method.name}`)).toEqual([]);
  });

  test("and a method that is not declared is closed to everybody", () => {
    const [method] = methods;
    if (!method) throw new Error("no method");
    const unknown = { ...method, localName: "toString" } as DescMethod;
    expect(findNeed(unknown)).toBeNull();
    expect(checkScope(unknown, { kind: "full" })?.code).toBe(Code.PermissionDenied);
  });

  test("who may view or drive workspaces gets nothing else", () => {
    const open = (role: "view" | "drive") => {
      const scope = makeWorkspaceScope(["w"], role);
      if (!scope) throw new Error("no scope");
      return methods.filter((method) => checkScope(method, scope) === null).map(({ name }) => name);
    };
    const view = ["GetTerminal", "AttachTerminal", "WatchTerminals"];
    const more = [
      "ListShells",
      "OpenTerminal",
      "RenameTerminal",
      "RestartTerminal",
      "CloseTerminal",
    ];
    expect(open("view").toSorted()).toEqual(view.toSorted());
    expect(open("drive").toSorted()).toEqual([...view, ...more].toSorted());
    expect(methods.filter((method) => checkScope(method, { kind: "full" }) !== null)).toEqual([]);
  });
});
