// `leapmux admin oauth-provider`: with whom people can sign in.
import { createClient } from "@connectrpc/connect";
import { type Provider, ProviderAdminService } from "@leapmux/proto/hub/v1/admin_providers_pb.ts";
import { CommandError } from "../command-error.ts";
import type { AdminCall, AdminFlag, AdminGroup } from "./admin-command.ts";
import { type Field, done, listOf, timeOf } from "./admin-result.ts";
import { readSecretFile } from "./ask-terminal.ts";
import { orMissing } from "./explain-refusal.ts";

const fields: readonly Field<Provider>[] = [
  { name: "provider_id", title: "ID", value: ({ providerId }) => providerId },
  { name: "type", title: "Type", value: ({ type }) => type },
  { name: "name", title: "Name", value: ({ name }) => name },
  { name: "issuer", title: "Issuer", value: ({ issuer }) => issuer },
  { name: "client_id", title: "Client id", value: ({ clientId }) => clientId },
  { name: "scopes", title: "Scopes", value: ({ scopes }) => scopes },
  { name: "trust_email", title: "Trusts e-mail", value: ({ trustEmail }) => trustEmail },
  { name: "enabled", title: "Enabled", value: ({ enabled }) => enabled },
  { name: "admin_claim", title: "Admin claim", value: ({ adminClaim }) => adminClaim || null },
  { name: "admin_value", title: "Admin value", value: ({ adminValue }) => adminValue || null },
  { name: "identities", title: "Linked", value: ({ identities }) => identities },
  { name: "sole_ways", title: "Only way in of", value: ({ soleWays }) => soleWays },
  { name: "created_at", title: "Created", value: ({ createdAtMs }) => timeOf(createdAtMs) },
  { name: "callback_url", title: "Redirect address", value: ({ callbackUrl }) => callbackUrl },
];

const clientOf = ({ transport }: AdminCall) => createClient(ProviderAdminService, transport);

const byId: AdminFlag = {
  name: "id",
  placeholder: "PROVIDER_ID",
  description: "The provider with this id",
};

export const oauthProviderGroup: AdminGroup = {
  name: "oauth-provider",
  description: "Providers that people sign in with: OpenID Connect and GitHub",
  commands: [
    {
      name: "add",
      description: "Add a provider, after asking it for its configuration",
      needsKeys: true,
      flags: [
        {
          name: "preset",
          placeholder: "NAME",
          description: "google, apple, microsoft, gitlab, github, or oidc for any other",
        },
        {
          name: "name",
          placeholder: "TEXT",
          description: "What its button says (built-in: of the preset)",
        },
        {
          name: "issuer",
          placeholder: "URL",
          description: "Its issuer; of Microsoft the one of your tenant",
        },
        { name: "client-id", placeholder: "ID", description: "As the provider gave it out" },
        {
          name: "client-secret-file",
          placeholder: "FILE",
          description:
            "File with the client secret, or with - standard input; of Apple the private key, a .p8 file",
        },
        {
          name: "scopes",
          placeholder: "LIST",
          description: "What is asked for, with spaces between (built-in: of the preset)",
        },
        {
          name: "trust-email",
          placeholder: "YES_OR_NO",
          description: "Whether addresses that it says are verified are; needed with oidc",
        },
        {
          name: "admin-claim",
          placeholder: "CLAIM",
          description: "Claim that makes admins of those who have --admin-value in it",
        },
        { name: "admin-value", placeholder: "TEXT", description: "The value that it has to hold" },
        { name: "apple-team-id", placeholder: "ID", description: "Of Apple alone" },
        { name: "apple-key-id", placeholder: "ID", description: "Of Apple alone" },
      ],
      async run(call) {
        const { flags } = call;
        const text = (name: string): string => flags.text(name) ?? "";
        const { provider } = await clientOf(call).addProvider({
          preset: flags.required("preset"),
          clientId: flags.required("client-id"),
          clientSecret: readSecretFile("client-secret-file", flags.required("client-secret-file")),
          name: text("name"),
          issuer: text("issuer"),
          scopes: text("scopes"),
          adminClaim: text("admin-claim"),
          adminValue: text("admin-value"),
          appleTeamId: text("apple-team-id"),
          appleKeyId: text("apple-key-id"),
          ...readTrust(flags.text("trust-email")),
        });
        const { providerId = "", name = "", callbackUrl = "" } = provider ?? {};
        return done(
          [
            `Added the provider ${name} (${providerId}).`,
            `Register this redirect address there: ${callbackUrl}`,
          ],
          { provider_id: providerId, name, callback_url: callbackUrl },
        );
      },
    },
    {
      name: "list",
      description: "All providers, with how many accounts hang on each; never their secrets",
      async run(call) {
        const { providers } = await clientOf(call).listProviders({});
        return listOf("oauth_providers", fields, { rows: providers });
      },
    },
    {
      name: "enable",
      description: "Show its button again",
      flags: [byId],
      async run(call) {
        const id = call.flags.required("id");
        await orMissing(clientOf(call).enableProvider({ providerId: id }), missing(id));
        return done(`Enabled the provider ${id}.`, { provider_id: id });
      },
    },
    {
      name: "disable",
      description: "Let nobody sign in with it; logins that were made stay",
      flags: [byId],
      async run(call) {
        const id = call.flags.required("id");
        await orMissing(clientOf(call).disableProvider({ providerId: id }), missing(id));
        return done(`Disabled the provider ${id}.`, { provider_id: id });
      },
    },
    {
      name: "remove",
      description: "Unlink everybody and forget it; not where it is the only way in of somebody",
      isDestructive: true,
      flags: [byId, { name: "force", description: "Even if people have no other way in" }],
      async run(call) {
        const id = call.flags.required("id");
        await call.confirm(`This removes the provider ${id} and unlinks all accounts.`);
        const force = call.flags.has("force");
        const removing = clientOf(call).removeProvider({ providerId: id, force });
        const { unlinked, lockedOut } = await orMissing(removing, missing(id));
        return done(
          `Removed the provider ${id}: ${unlinked} unlinked, ${lockedOut} without a way in.`,
          { provider_id: id, unlinked, locked_out: lockedOut },
        );
      },
    },
  ],
};

const missing = (id: string): string => `there is no provider with the id ${id}`;

function readTrust(text: string | undefined): { trustEmail?: boolean } {
  if (text === undefined) return {};
  if (text === "yes" || text === "no") return { trustEmail: text === "yes" };
  throw new CommandError("usage", "--trust-email must be yes or no");
}
