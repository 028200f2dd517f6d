// What an API token needs is declared for each call: a method that says nothing would be one that somebody
// forgot to think about.
import { readdirSync } from "node:fs";
import path from "node:path";
import type { DescService } from "@bufbuild/protobuf";
import { needOf } from "@leapmux/hub/rpc/method-needs.ts";
import { tokenScopes } from "@leapmux/hub/accounts/token-scopes.ts";
import { expect, test } from "vitest";
import { root } from "./source-files.ts";

const folder = path.join(root, "proto/gen/leapmux/hub/v1");
/** Called by workers, with credentials of their own. */
const ofWorkers = new Set(["WorkerLinkService", "WorkerRegistrationService"]);

async function listServices(): Promise<DescService[]> {
  const services: DescService[] = [];
  for (const file of readdirSync(folder)) {
    const module = (await import(path.join(folder, file))) as Record<string, unknown>;
    for (const exported of Object.values(module)) {
      const service = exported as Partial<DescService>;
      if (service.kind === "service" && !ofWorkers.has(service.name ?? "")) {
        services.push(exported as DescService);
      }
    }
  }
  return services;
}

test("every method declares what an API token needs for it", async () => {
  const services = await listServices();
  expect(services.length).toBeGreaterThan(8);
  const methods = services.flatMap((service) => service.methods);
  const silent = methods.filter((method) => needOf(method) === undefined);
  expect(silent.map(({ parent, name }) => `${parent.typeName}/${name}`)).toEqual([]);
});

test("every scope opens something, and what is for admins needs the scope admin", async () => {
  const services = await listServices();
  const needs = new Set(services.flatMap(({ methods }) => methods.map((method) => needOf(method))));
  for (const scope of Object.keys(tokenScopes)) expect(needs).toContain(scope);
  const admins = services.filter(({ name }) => name.endsWith("AdminService"));
  expect(admins.length).toBeGreaterThan(1);
  for (const { methods } of admins) {
    for (const method of methods) expect(needOf(method), method.name).toBe("admin");
  }
});
