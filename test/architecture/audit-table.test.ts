// Each method of the hub is either an act that the audit log takes down or named as one that it does not. Read
// from the interface itself, so that a new method cannot be forgotten.
import type { DescService } from "@bufbuild/protobuf";
import { readdirSync } from "node:fs";
import path from "node:path";
import { auditActions } from "@leapmux/hub/audit/audit-actions.ts";
import { auditLineOf } from "@leapmux/hub/rpc/audit/audit-lines.ts";
import { expect, test } from "vitest";
import { root } from "./source-files.ts";

const folder = path.join(root, "proto/gen/leapmux/hub/v1");
const modules = await Promise.all(
  readdirSync(folder).map(
    (file) => import(path.join(folder, file)) as Promise<Record<string, unknown>>,
  ),
);
const services = modules
  .flatMap((each) => Object.values(each))
  .filter(
    (each): each is DescService =>
      typeof each === "object" && each !== null && "kind" in each && each.kind === "service",
  );

test("the interface of the hub was found", () => {
  expect(services.map(({ typeName }) => typeName)).toContain("leapmux.hub.v1.AdminService");
  expect(services.length).toBeGreaterThanOrEqual(10);
});

test.each(services.map((service) => [service.typeName, service] as const))(
  "%s has a line for each method",
  (_, { methods }) => {
    const without = methods.filter((method) => auditLineOf(method) === undefined);
    expect(without.map(({ name }) => name)).toEqual([]);
  },
);

const reading = /^(get|list|read|watch|export|verify|find|count|poll|status|show)/;
/** Taken down though they are called so: what leaves the hub whole, and the question that a login answers. */
const takenDown: readonly string[] = ["exportAudit", "pollCliLogin"];

test("what only reads is called so, and what changes something is not called reading", () => {
  for (const { methods, typeName } of services) {
    for (const method of methods) {
      const isReading = auditLineOf(method) === "reads";
      const isCalledSo = reading.test(method.localName) && !takenDown.includes(method.localName);
      expect(isCalledSo, `${typeName}.${method.localName}`).toBe(isReading);
    }
  }
});

test("an action is named group.done, once", () => {
  expect(new Set(auditActions).size).toBe(auditActions.length);
  for (const action of auditActions) expect(action).toMatch(/^[a-z_]+\.[a-z_]+$/);
});
