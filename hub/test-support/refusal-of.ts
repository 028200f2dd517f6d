import { ConnectError, type Code } from "@connectrpc/connect";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";

/** Code and reason of a call that has to fail. */
export async function refusalOf(call: Promise<unknown>): Promise<[Code, string | undefined]> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => ConnectError.from(thrown),
  );
  if (error === null) throw new Error("the call was not refused");
  return [error.code, error.findDetails(ErrorReasonSchema)[0]?.reason];
}
