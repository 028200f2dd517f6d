import type { MessageInitShape } from "@bufbuild/protobuf";
import type { AccountSchema } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import type {
  FinishLogInRequest,
  SecondFactorSchema,
  StartPasskeyLogInResponseSchema,
} from "@leapmux/proto/hub/v1/login_pb.ts";
import type { Store } from "../store/open-store.ts";

/** What logging in asks of second factors and passkeys, whatever they are. */
export interface SecondFactors {
  /** Asked once the password was right. Null: it is enough. The challenge lives five minutes. */
  needed(userId: string): Promise<FactorChallenge | null>;
  /** A challenge of `needed` or of `startPasskeyLogIn`; used up by success. */
  finish(challenge: string, proof: FinishLogInRequest["proof"]): Promise<FactorOutcome>;
  /** Null: this hub has none. */
  startPasskeyLogIn(): Promise<MessageInitShape<typeof StartPasskeyLogInResponseSchema> | null>;
  /** What of an account is told to its owner. */
  describe(userId: string): Promise<FactorState>;
  /** Part of the transaction that resets a password: none may be left. */
  forget(db: Store, userId: string): Promise<void>;
}

export type FactorChallenge = MessageInitShape<typeof SecondFactorSchema> & {
  readonly challenge: string;
};

export type FactorOutcome =
  /** `alone`: a passkey, without any password before it. */
  | { readonly ok: true; readonly userId: string; readonly alone: boolean }
  /** `retryAfterMs`: it was not even looked at, because too many were wrong. */
  | { readonly ok: false; readonly retryAfterMs?: number };

export type FactorState = Required<
  Pick<MessageInitShape<typeof AccountSchema>, "hasTotp" | "passkeys" | "recoveryCodesLeft">
>;

/** A hub that knows passwords only. */
export const noSecondFactors: SecondFactors = {
  needed: () => Promise.resolve(null),
  finish: () => Promise.resolve({ ok: false }),
  startPasskeyLogIn: () => Promise.resolve(null),
  describe: () => Promise.resolve({ hasTotp: false, passkeys: [], recoveryCodesLeft: 0 }),
  forget: () => Promise.resolve(),
};
