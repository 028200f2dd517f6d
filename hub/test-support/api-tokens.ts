import { createClient } from "@connectrpc/connect";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { TokenService } from "@leapmux/proto/hub/v1/token_pb.ts";
import { connectAs, type LoggedIn } from "./log-in.ts";

export interface TestToken {
  readonly tokenId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

export const hourMs = 60 * 60_000;
export const dayMs = 24 * hourMs;

export const bearer = (accessToken: string): { readonly authorization: string } => ({
  authorization: `Bearer ${accessToken}`,
});

export const tokensOf = ({ transport }: LoggedIn) => createClient(TokenService, transport);

/** A token of this user, made as the profile page makes it. */
export async function createToken(
  owner: LoggedIn,
  scopes: readonly string[] = ["read", "terminal"],
  lifeMs = 90 * dayMs,
): Promise<TestToken> {
  const { password } = owner;
  const made = await tokensOf(owner).createToken({
    ...{ clientName: "nightly build", scopes: [...scopes], lifeMs: BigInt(lifeMs), password },
  });
  const { accessToken = "", refreshToken = "" } = made.pair ?? {};
  return { tokenId: made.token?.tokenId ?? "", accessToken, refreshToken };
}

/** Without any login. */
export async function refreshPair(url: string, token: string): Promise<TestToken> {
  const calls = createClient(LoginService, connectAs(url));
  const { tokenId, pair } = await calls.refreshToken({ refreshToken: token });
  return {
    tokenId,
    accessToken: pair?.accessToken ?? "",
    refreshToken: pair?.refreshToken ?? "",
  };
}
