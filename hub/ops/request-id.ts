import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";

/**
 * The name of one request, for whoever has to find it again: in the header of its answer, in the details of its
 * error, and in every line that the hub logs while it works on it, however deep.
 */
export type RequestId = string;

const scope = new AsyncLocalStorage<RequestId>();
const form = /^[A-Za-z0-9_-]{8,64}$/;

export const requestIdHeader = "x-request-id";

/** A proxy of ours may have named it already; of anybody else nothing is taken. */
export function nameRequest(given: string | undefined, isFromProxy: boolean): RequestId {
  if (isFromProxy && given !== undefined && form.test(given)) return given;
  return `req_${randomBytes(12).toString("base64url")}`;
}

export function runAs<T>(id: RequestId, run: () => T): T {
  return scope.run(id, run);
}

/** Empty: nobody asked, the hub does it by itself. */
export function currentRequestId(): RequestId | "" {
  return scope.getStore() ?? "";
}
