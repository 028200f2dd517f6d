import { type Code, ConnectError } from "@connectrpc/connect";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";

/** The reason of a call that has to fail; `code N` where it carries none, "answered" when it did not fail. */
export function refusalOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "answered",
    (thrown: unknown) => {
      const error = ConnectError.from(thrown);
      return error.findDetails(ErrorReasonSchema)[0]?.reason ?? `code ${error.code}`;
    },
  );
}

/** With the Connect code before it, which is part of what callers rely on. */
export async function refusalWithCode(call: Promise<unknown>): Promise<[Code, string | undefined]> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => ConnectError.from(thrown),
  );
  if (error === null) throw new Error("the call was not refused");
  return [error.code, error.findDetails(ErrorReasonSchema)[0]?.reason];
}
