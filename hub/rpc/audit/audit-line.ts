import type { DescMethod, DescService, MessageShape } from "@bufbuild/protobuf";
import type { AuditAction, KeyAction } from "../../audit/audit-actions.ts";
import type { AuditActor, AuditDetail, AuditTarget } from "../../audit/audit-event.ts";

/**
 * What the audit log makes of one method:
 *
 *  - `reads`: it changes nothing;
 *  - `prepares`: what it makes is worth nothing until an audited call takes it up;
 *  - `arranges`: what people lay out for themselves, which gives and takes no access;
 *  - `direct`: the relay or the link appends by itself, because the call is not the whole story;
 *  - an act: each call is an entry, and each refusal.
 */
export type AuditLine<Method extends DescMethod> =
  | "reads"
  | "prepares"
  | "arranges"
  | "direct"
  | AuditedAct<MessageShape<Method["input"]>, MessageShape<Method["output"]>>;

export interface AuditedAct<Request, Response> {
  readonly action: Exclude<AuditAction, KeyAction>;
  /** What a refusal is called; without it the same, with the result `refused`. */
  readonly refusedAs?: Exclude<AuditAction, KeyAction>;
  /** Whom it is about. Nothing else of request and response may be read here than ids and numbers. */
  readonly target?: (request: Request, response: Response | null) => AuditTarget;
  readonly detail?: (request: Request, response: Response | null) => AuditDetail;
  /** Who acts, where the call itself makes somebody known. */
  readonly becomes?: (response: Response, request: Request) => AuditActor;
  /** False: this answer was only a step on the way. */
  readonly counts?: (response: Response, request: Request) => boolean;
  /** The caller must not wait for the entry: a channel is opened while the log is slow. */
  readonly isUrgent?: true;
}

/** A line for each method: a service without one does not compile. */
export type LinesOf<Service extends DescService> = {
  readonly [Name in keyof Service["method"]]: AuditLine<Service["method"][Name]>;
};
