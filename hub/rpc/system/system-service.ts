import type { ServiceImpl } from "@connectrpc/connect";
import { HubKind, type SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import type { SecondFactors } from "../../accounts/second-factors.ts";
import type { SignIn } from "../../sign-in/sign-in.ts";
import type { Users } from "../../store/users.ts";
import { describeAccount, soloAccount } from "../account/describe-account.ts";
import { callerOf } from "../call-principal.ts";
import { placeOf } from "../call-place.ts";

/** What kind of hub this is: told to everybody, because it decides what they can do first. */
export function systemService(info: {
  readonly kind: "solo" | "hub" | "dev";
  readonly version: string;
  /** Known only once the hub listens. */
  isExposed(): boolean;
  maySignUp(): boolean;
  readonly users: Users;
  readonly factors: SecondFactors;
  readonly signIn: SignIn | null;
  /** SHA-256 of the manifest of the pages that are served, hex; "" without any. */
  readonly frontendHash: string;
}): ServiceImpl<typeof SystemService> {
  const { kind, version, users, factors, signIn, frontendHash } = info;
  return {
    async getSystemInfo(_request, context) {
      const caller = callerOf(context);
      // Who it is that asks, an API token may always know; more is for the scope.
      const maySee = caller?.token?.scopes.includes("read") ?? true;
      const userId = caller?.userId ?? "";
      const callerAddress = placeOf(context).address;
      if (kind === "solo") {
        const exposed = info.isExposed();
        return {
          ...{ kind: HubKind.SOLO, userId, version, exposed, account: soloAccount },
          ...{ frontendHash, callerAddress },
        };
      }
      const user = userId === "" ? undefined : await users.find(userId);
      return {
        kind: HubKind.HUB,
        userId: user === undefined ? "" : userId,
        version,
        setupRequired: await users.isEmpty(),
        signUpEnabled: info.maySignUp(),
        frontendHash,
        callerAddress,
        signInProviders: ((await signIn?.providers.listEnabled()) ?? []).map((row) => ({
          providerId: row.provider_id,
          name: row.name,
        })),
        ...(user === undefined || !maySee ? {} : { account: await describeAccount(user, factors) }),
      };
    },
  };
}
