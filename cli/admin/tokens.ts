// `leapmux admin api-token` and `delegation-token`: tokens of programs, for any user of a hub.
import { createClient } from "@connectrpc/connect";
import { duration, formatDuration } from "@leapmux/hub/settings/setting-kinds.ts";
import {
  type OwnedToken,
  TokenKind,
  TokensAdminService,
} from "@leapmux/proto/hub/v1/admin_tokens_pb.ts";
import { CommandError } from "../command-error.ts";
import type { AdminCall, AdminCommand, AdminGroup } from "./admin-command.ts";
import { type Field, done, listOf, timeOf } from "./admin-result.ts";
import { collectPages } from "./collect-pages.ts";
import { orMissing } from "./explain-refusal.ts";
import { selectUser, userSelectors } from "./select-user.ts";

const fields: readonly Field<OwnedToken>[] = [
  { name: "token_id", title: "ID", value: ({ token }) => token?.tokenId ?? "" },
  { name: "username", title: "User", value: ({ username }) => username },
  { name: "client_name", title: "Client", value: ({ token }) => token?.clientName ?? "" },
  { name: "scopes", title: "Scopes", value: ({ token }) => token?.scopes.join(",") ?? "" },
  { name: "issued_by", title: "Issued by", value: ({ token }) => token?.issuedBy || null },
  { name: "created_at", title: "Created", value: ({ token }) => timeOf(token?.createdAtMs ?? 0n) },
  {
    name: "last_used_at",
    title: "Last used",
    value: ({ token }) => timeOf(token?.lastUsedAtMs ?? 0n),
  },
  {
    name: "expires_at",
    title: "Expires",
    value: ({ token }) => timeOf(token?.refreshExpiresAtMs ?? 0n),
  },
  { name: "ends_at", title: "Ends", value: ({ token }) => timeOf(token?.endsAtMs ?? 0n) },
];

const lifeKind = duration("1m", "365d");
const defaultLifeMs = 90 * 24 * 60 * 60_000;

const clientOf = ({ transport }: AdminCall) => createClient(TokensAdminService, transport);

function listCommand(kind: TokenKind, name: string, what: string): AdminCommand {
  return {
    name: "list",
    description: `${what}, the oldest first`,
    isPaged: true,
    flags: userSelectors.map((flag) => ({
      ...flag,
      description: `Only those of ${flag.description.toLowerCase()}`,
    })),
    async run(call) {
      const { flags } = call;
      const isOfOne = flags.has("id") || flags.has("username");
      const userId = isOfOne ? (await selectUser(call)).userId : "";
      const page = await collectPages(flags, async (asked) => {
        const answer = await clientOf(call).listTokensOf({ ...asked, kind, userId });
        return { rows: answer.tokens, next: answer.nextPageToken };
      });
      return listOf(name, fields, page);
    },
  };
}

function revokeCommand(kind: TokenKind): AdminCommand {
  return {
    name: "revoke",
    description: "End a token, with every channel on it and every token that it issued",
    isDestructive: true,
    flags: [{ name: "id", placeholder: "TOKEN_ID", description: "The token with this id" }],
    async run(call) {
      const tokenId = call.flags.required("id");
      await call.confirm(`This cuts off whatever uses the token ${tokenId}.`);
      const missing = `there is no token with the id ${tokenId}`;
      await orMissing(clientOf(call).revokeTokenOf({ kind, tokenId }), missing);
      return done(`Revoked the token ${tokenId}.`, { token_id: tokenId });
    },
  };
}

const issueCommand: AdminCommand = {
  name: "issue",
  description: "Make a token for a user; it is shown once",
  flags: [
    ...userSelectors,
    { name: "client-name", placeholder: "TEXT", description: "The program that it is for" },
    {
      name: "scopes",
      placeholder: "LIST",
      description:
        "What it may do, between commas: read, terminal, workspaces, workers, devices, admin",
    },
    {
      name: "ttl",
      placeholder: "TIME",
      description: `How long it can be refreshed, 1m to 365d (built-in: ${formatDuration(defaultLifeMs)})`,
    },
  ],
  async run(call) {
    const { flags } = call;
    const clientName = flags.required("client-name");
    const scopes = flags
      .required("scopes")
      .split(",")
      .map((scope) => scope.trim());
    const lifeMs = readLife(flags.text("ttl"));
    const { userId, username } = await selectUser(call);
    const issued = await clientOf(call).issueToken({
      ...{ userId, clientName, scopes },
      lifeMs: BigInt(lifeMs),
    });
    const tokenId = issued.token?.token?.tokenId ?? "";
    const { accessToken = "", refreshToken = "", accessExpiresAtMs = 0n } = issued.pair ?? {};
    const expires = new Date(Number(accessExpiresAtMs)).toISOString();
    return done(
      [
        `Issued the token ${tokenId} for ${username}. Neither part is shown again.`,
        `access token:   ${accessToken}`,
        `refresh token:  ${refreshToken}`,
        `The access token is good until ${expires}; the refresh token brings the next pair, once.`,
      ],
      {
        ...{ token_id: tokenId, user_id: userId, username, client_name: clientName },
        scopes: issued.token?.token?.scopes ?? [],
        ...{ access_token: accessToken, refresh_token: refreshToken, access_expires_at: expires },
        ends_at: new Date(Number(issued.token?.token?.endsAtMs ?? 0n)).toISOString(),
      },
    );
  },
};

function readLife(text: string | undefined): number {
  if (text === undefined) return defaultLifeMs;
  const parsed = lifeKind.parse(text);
  if (!parsed.ok) throw new CommandError("usage", `--ttl ${parsed.rule}`);
  return parsed.value;
}

export const apiTokenGroup: AdminGroup = {
  name: "api-token",
  description: "Tokens with which programs act for users",
  commands: [
    issueCommand,
    listCommand(TokenKind.API, "api_tokens", "Tokens of programs"),
    revokeCommand(TokenKind.API),
  ],
};

export const delegationTokenGroup: AdminGroup = {
  name: "delegation-token",
  description: "Tokens of what runs inside terminals; nothing makes one yet",
  commands: [
    listCommand(TokenKind.DELEGATION, "delegation_tokens", "Tokens of what runs inside terminals"),
    revokeCommand(TokenKind.DELEGATION),
  ],
};
