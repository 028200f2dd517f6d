// `leapmux admin oauth-provider` both ways at one hub that runs: what one way adds the other sees, and people sign in by.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { makePerson } from "../harness/sign-in-person.ts";
import { startIdentityProvider } from "../harness/start-identity-provider.ts";
import { startAdminPlace, ways } from "./admin-commands.ts";

interface Listed {
  readonly oauth_providers: readonly Record<string, unknown>[];
}

test.each(ways)("a provider is added, switched, listed and removed %s", async (way) => {
  const cleanup = cleanupAfterTest();
  const idp = await startIdentityProvider(cleanup);
  const place = await startAdminPlace(cleanup, {
    isSignUpEnabled: true,
    allowLoopbackProviders: true,
  });
  const { directory } = place.started;
  const config = join(directory, "hub.yaml");
  writeFileSync(config, "allow_loopback_providers: true\n");
  const secretFile = join(directory, "secret.txt");
  writeFileSync(secretFile, `${idp.clientSecret}\n`);
  const run = (action: string, ...args: string[]) =>
    place.run(
      way,
      "oauth-provider",
      action,
      ...args,
      ...(way === "offline" ? ["--config", config] : []),
    );
  const add = (...args: string[]) =>
    run(
      ...(["add", "--preset", "oidc", "--name", "Company", "--issuer", idp.issuer] as const),
      ...["--client-id", idp.clientId, "--client-secret-file", secretFile, ...args],
    );

  const lacking = await add();
  expect(lacking).toMatchObject({ code: 2, stdout: "" });
  expect(lacking.stderr).toContain("trusted");
  expect(await add("--trust-email", "perhaps")).toMatchObject({ code: 2 });
  const added = await add("--trust-email", "yes", "--json");
  expect(added).toMatchObject({ code: 0, stderr: "" });
  const { provider_id: id, callback_url: callback } = JSON.parse(added.stdout) as {
    provider_id: string;
    callback_url: string;
  };
  expect(new URL(callback).pathname).toBe(`/auth/oauth/${id}/callback`);
  idp.redirectUris.add(`http://localhost:${place.started.port}/auth/oauth/${id}/callback`);

  const bob = makePerson(place.started);
  expect(await bob.signIn(id)).toBe("/sign-in");
  await bob.finishSignUp("bob");

  const list = await run("list", "--json");
  expect((JSON.parse(list.stdout) as Listed).oauth_providers).toMatchObject([
    { provider_id: id, enabled: true, trust_email: true, identities: 1, sole_ways: 1 },
  ]);
  expect(list.stdout).not.toContain(idp.clientSecret);
  expect(await run("disable", "--id", id)).toMatchObject({ code: 0 });
  expect(await bob.signIn(id)).toBe("/sign-in");
  expect(await bob.outcome()).toBe("provider_disabled");
  expect(await run("enable", "--id", id)).toMatchObject({ code: 0 });
  expect(await bob.signIn(id)).toBe("/");

  const refused = await run("remove", "--id", id, "--yes");
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain("1 account has no other way in");
  const removed = await run("remove", "--id", id, "--yes", "--force");
  expect(removed.stdout).toBe(`Removed the provider ${id}: 1 unlinked, 1 without a way in.\n`);
  expect(await run("remove", "--id", id, "--yes")).toMatchObject({
    code: 1,
    stderr: `error: there is no provider with the id ${id}\n`,
  });
  expect(place.started.log.join("\n")).not.toContain(idp.clientSecret);
});
