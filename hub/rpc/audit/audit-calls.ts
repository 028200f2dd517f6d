import { ConnectError, type ContextValues, type Interceptor } from "@connectrpc/connect";
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import type { Principal } from "../../accounts/authenticator.ts";
import { isConsole } from "../../accounts/console-authenticator.ts";
import {
  noTarget,
  stranger,
  type AuditActor,
  type AuditDetail,
  type AuditEvent,
} from "../../audit/audit-event.ts";
import { refusedStranger, type AuditLog } from "../../audit/audit-log.ts";
import { addressIn } from "../call-place.ts";
import { callerIn } from "../call-principal.ts";
import { followStream } from "../follow-stream.ts";
import type { AuditedAct } from "./audit-line.ts";
import { auditLineOf } from "./audit-lines.ts";

type Message = MessageShape<DescMessage>;
type Act = AuditedAct<Message, Message>;

/** What says that somebody tried to get in. The other refusals of strangers are mistakes. */
const failures: ReadonlySet<string> = new Set([
  "login_refused",
  "wrong_password",
  "throttled",
  "token_refused",
  "sign_up_disabled",
  "credential_revoked",
  "registration_key_unknown",
  "registration_key_used",
  "registration_key_expired",
  "registration_key_destroyed",
]);
/** Of somebody who is known, before the body is read. */
const refusedAtGate: ReadonlySet<string> = new Set(["admin_required", "scope_required"]);
const nothingHappened: ReadonlySet<string> = new Set(["going_away", "not_in_solo"]);

/**
 * Takes every audited call down, innermost of all interceptors, so that the caller is the one of now. An
 * administrative act is written down before it happens, and does not happen where that fails; how it came out
 * follows. Of all others one entry is written before the caller gets the answer.
 */
export function auditCalls(audit: AuditLog, gate: "anybody" | "known" | "admin"): Interceptor {
  return (next) => async (request) => {
    const line = auditLineOf(request.method);
    if (line === undefined) throw new Error("a method without a line in the audit table");
    if (typeof line === "string") return await next(request);
    const act: Act = line;
    const asked = request.stream ? null : request.message;
    const base = eventOf(act, asked, null, request.contextValues);

    if (gate === "admin") await audit.append({ ...base, result: "begun" });
    const response = await next(request).catch(async (error: unknown) => {
      await noteRefusal(audit, act, base, error, gate);
      throw error;
    });
    const note = async (event: AuditEvent): Promise<void> => {
      if (gate === "admin") await audit.append(event);
      else if (act.isUrgent === true) audit.recordSoon(event);
      else await audit.record(event);
    };
    if (response.stream) {
      const message = followStream(response.message, request.signal, async (end) => {
        if (end.kind === "failed") await noteRefusal(audit, act, base, end.error, gate);
        else if (end.kind === "whole") await note(base);
        else await note({ ...base, result: "failed", detail: { reason: "reader_left" } });
      });
      return { ...response, message };
    }
    const answered = response.message;
    if (asked !== null && act.counts?.(answered, asked) === false) return response;
    await note(eventOf(act, asked, answered, request.contextValues));
    return response;
  };
}

/** Around the gate of a service for admins: somebody who is known and asks for more. */
export function auditGate<Context extends { readonly values: ContextValues }>(
  audit: AuditLog,
  gate: (context: Context) => Promise<void>,
): (context: Context) => Promise<void> {
  return async (context) => {
    try {
      await gate(context);
    } catch (error) {
      if (refusedAtGate.has(reasonOf(error))) {
        const actor = actorOf(callerIn(context.values));
        const address = addressIn(context.values);
        audit.recordSoon({
          ...{ actor, address, action: "admin.refused", target: noTarget, result: "refused" },
          detail: { reason: reasonOf(error) },
        });
      }
      throw error;
    }
  };
}

/** Around the gate of a worker's link. */
export function auditWorkerGate<Context extends { readonly values: ContextValues }>(
  audit: AuditLog,
  gate: (context: Context) => Promise<void>,
): (context: Context) => Promise<void> {
  return async (context) => {
    try {
      await gate(context);
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== "") {
        audit.recordSoon(refusedStranger("worker.link_refused", addressIn(context.values), reason));
      }
      throw error;
    }
  };
}

async function noteRefusal(
  audit: AuditLog,
  act: Act,
  base: AuditEvent,
  error: unknown,
  gate: "anybody" | "known" | "admin",
): Promise<void> {
  const reason = reasonOf(error);
  const isStranger = base.actor.kind === "stranger";
  const isMistake = isStranger && reason !== "" && !failures.has(reason);
  // An admin's act has been written down as begun, so how it came out is written in any case.
  if (gate !== "admin" && (nothingHappened.has(reason) || isMistake)) return;
  const event: AuditEvent = {
    ...base,
    action: act.refusedAs ?? act.action,
    result: reason === "" ? "failed" : "refused",
    detail: { ...base.detail, ...(reason === "" ? {} : { reason }) },
  };
  if (gate === "admin") await audit.append(event);
  else audit.recordSoon(event);
}

function eventOf(
  act: Act,
  request: Message | null,
  response: Message | null,
  values: ContextValues,
): AuditEvent {
  const detail: AuditDetail = request === null ? {} : (act.detail?.(request, response) ?? {});
  const became =
    request === null || response === null ? undefined : act.becomes?.(response, request);
  return {
    actor: became ?? actorOf(callerIn(values)),
    address: addressIn(values),
    action: act.action,
    target: request === null ? noTarget : (act.target?.(request, response) ?? noTarget),
    result: "done",
    detail,
  };
}

export function actorOf(principal: Principal | null): AuditActor {
  if (principal === null) return stranger;
  if (isConsole(principal)) return { kind: "console", id: "", via: "" };
  const { userId, loginId, token } = principal;
  if (token !== undefined) return { kind: "token", id: userId, via: token.tokenId };
  return loginId === null
    ? { kind: "user", id: userId, via: "" }
    : { kind: "login", id: userId, via: loginId };
}

/** Empty: no refusal of ours. */
function reasonOf(error: unknown): string {
  if (!(error instanceof ConnectError)) return "";
  return error.findDetails(ErrorReasonSchema)[0]?.reason ?? "";
}
