// `leapmux admin encryption-key`: what seals the hub's secrets, and what the hashes of tokens are made with.
import { createClient } from "@connectrpc/connect";
import {
  KeyAdminService,
  type GetKeyStatusResponse,
  type KeyUse,
  type TokenCounts,
} from "@leapmux/proto/hub/v1/admin_keys_pb.ts";
import { CommandError } from "../command-error.ts";
import { graceTime } from "../config/value-types.ts";
import { formatTable } from "../format-table.ts";
import type { AdminCall, AdminGroup } from "./admin-command.ts";
import { done, timeOf } from "./admin-result.ts";
import { formatLocalTime } from "./print-result.ts";
import { rewrapKeyFile, unwrapKeyFile, wrapKeyFile, wrapTargets } from "./wrap-key-file.ts";

const dayMs = 24 * 60 * 60_000;
const clientOf = ({ transport }: AdminCall) => createClient(KeyAdminService, transport);

export const encryptionKeyGroup: AdminGroup = {
  name: "encryption-key",
  description: "Keys of the hub: what seals its secrets, what its tokens are hashed with",
  commands: [
    {
      name: "status",
      description: "Each key, its age and what needs it; what hangs on the token key",
      async run(call) {
        const status = await clientOf(call).getKeyStatus({});
        return done(describeStatus(status), statusJson(status));
      },
    },
    {
      name: "rotate",
      description: "Make another key, which seals from now on; the former ones still open",
      async run(call) {
        const { activeVersion } = await clientOf(call).rotateKey({});
        return done(
          [
            `Version ${activeVersion} seals from now on.`,
            "Next: leapmux admin encryption-key reencrypt, then a backup of the key file.",
          ],
          { active_version: activeVersion },
        );
      },
    },
    {
      name: "reencrypt",
      description: "Seal anew with the active key what others sealed; may be stopped and run again",
      async run(call) {
        let last = { done: 0n, left: 0n, unreadable: 0n };
        // As long as it takes: each answer is a batch that is done.
        for await (const progress of clientOf(call).reencrypt({}, { timeoutMs: 0 })) {
          last = progress;
          call.output.progress(`Sealed anew: ${progress.done}, left: ${progress.left}`);
        }
        call.output.progress("");
        if (last.unreadable > 0n) {
          call.output.warn(`${last.unreadable} values open with no key: see status`);
        }
        return done(`${last.done} values were sealed anew.`, {
          done: Number(last.done),
          unreadable: Number(last.unreadable),
        });
      },
    },
    {
      name: "remove",
      description: "Forget a key that nothing needs any more",
      flags: [{ name: "version", placeholder: "N", description: "Which, as status shows it" }],
      async run(call) {
        const version = call.flags.count("version", { least: 1, most: 999_999_999 });
        if (version === undefined) throw new CommandError("usage", "--version is missing");
        await clientOf(call).removeKey({ version });
        return done(`Version ${version} is gone.`, { removed_version: version });
      },
    },
    {
      name: "rotate-pepper",
      description:
        "Make another key for the hashes of tokens; without --grace every token ends now",
      isDestructive: true,
      flags: [
        {
          name: "grace",
          placeholder: "TIME",
          description: "How long the former key still counts, such as 24h; 1m to 30d",
        },
      ],
      run: rotatePepper,
    },
    {
      name: "wrap",
      description: "Seal the key file of this machine as encryption-key-wrap of its settings says",
      run: wrapKeyFile,
    },
    {
      name: "unwrap",
      description: "Put the key file of this machine in clear again",
      isDestructive: true,
      run: unwrapKeyFile,
    },
    {
      name: "rewrap",
      description: "Seal the key file of this machine anew, with the same or another wrapping key",
      flags: wrapTargets,
      run: rewrapKeyFile,
    },
  ],
};

async function rotatePepper(call: AdminCall) {
  const typed = call.flags.text("grace");
  const grace = typed === undefined ? null : graceTime.safeParse(typed);
  if (grace?.success === false) {
    throw new CommandError("usage", `--grace ${grace.error.issues[0]?.message ?? "is not valid"}`);
  }
  const client = clientOf(call);
  const counts = describeTokens((await client.getKeyStatus({})).tokens);
  await call.confirm(
    grace === null
      ? `This ends, now: ${counts}. Every worker registers anew.`
      : `What is not seen within ${typed} ends then; there are: ${counts}.`,
  );
  const rotated = await client.rotatePepper({ graceMs: BigInt(grace?.data ?? 0) });
  const until = timeOf(rotated.graceUntilMs);
  const tokens = describeTokens(rotated.tokens);
  const sentence =
    until === null
      ? `Ended: ${tokens}.`
      : `The former key counts until ${formatLocalTime(until)}. What is not seen by then ends; not seen yet: ${tokens}.`;
  return done(sentence, {
    generation: rotated.generation,
    grace_until: until?.toISOString() ?? null,
    tokens: tokensJson(rotated.tokens),
  });
}

function describeStatus(status: GetKeyStatusResponse): string[] {
  const rows = status.keys.map(({ version, active, madeAtMs, uses }) => {
    const made = timeOf(madeAtMs);
    return [
      `${version}${active ? " (active)" : ""}`,
      made === null ? "-" : formatLocalTime(made),
      made === null ? "-" : `${ageInDays(made)} days`,
      describeUses(uses),
    ];
  });
  const wrapped = {
    none: "The file is not wrapped.",
    passphrase: "The file is wrapped by a passphrase.",
    key: "The file is wrapped by a key from a file or a command.",
  }[status.wrapped];
  const lost =
    status.lost.length === 0 ? [] : [`Opened by no key any more: ${describeUses(status.lost)}.`];
  const until = timeOf(status.pepperGraceUntilMs);
  const grace =
    until === null
      ? ""
      : ` The former one counts until ${formatLocalTime(until)}; not moved yet: ${describeTokens(status.unmoved)}.`;
  return [
    ...formatTable(["VERSION", "MADE", "AGE", "SEALS"], rows),
    ...(wrapped === undefined ? [] : [wrapped]),
    ...lost,
    `Token key: generation ${status.pepperGeneration}, behind ${describeTokens(status.tokens)}.${grace}`,
  ];
}

function statusJson(status: GetKeyStatusResponse): object {
  return {
    keys: status.keys.map(({ version, active, madeAtMs, uses }) => {
      const made = timeOf(madeAtMs);
      return {
        version,
        active,
        made_at: made?.toISOString() ?? null,
        age_days: made === null ? null : ageInDays(made),
        uses: uses.map(useJson),
      };
    }),
    lost: status.lost.map(useJson),
    wrapped: status.wrapped,
    token_key: {
      generation: status.pepperGeneration,
      grace_until: timeOf(status.pepperGraceUntilMs)?.toISOString() ?? null,
      unmoved: status.unmoved === undefined ? null : tokensJson(status.unmoved),
      tokens: tokensJson(status.tokens),
    },
  };
}

function ageInDays(made: Date): number {
  return Math.max(0, Math.floor((Date.now() - made.getTime()) / dayMs));
}

function useJson({ table, column, version, count }: KeyUse): object {
  return { table, column, version, count: Number(count) };
}

function describeUses(uses: readonly KeyUse[]): string {
  if (uses.length === 0) return "nothing";
  return uses.map(({ table, column, count }) => `${count} of ${table}.${column}`).join(", ");
}

function describeTokens(tokens: TokenCounts | undefined): string {
  return Object.entries(tokensJson(tokens))
    .map(([name, count]) => `${count} ${name.replaceAll("_", " ")}`)
    .join(", ");
}

function tokensJson(tokens: TokenCounts | undefined): Record<string, number> {
  return {
    logins: Number(tokens?.logins ?? 0),
    workers: Number(tokens?.workers ?? 0),
    invitations: Number(tokens?.invitations ?? 0),
    registration_keys: Number(tokens?.registrationKeys ?? 0),
    recovery_codes: Number(tokens?.recoveryCodes ?? 0),
    api_tokens: Number(tokens?.apiTokens ?? 0),
    refresh_tokens: Number(tokens?.refreshTokens ?? 0),
  };
}
