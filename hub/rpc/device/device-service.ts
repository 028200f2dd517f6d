import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type {
  ApprovalRequestSchema,
  DeviceService,
  Grant,
} from "@leapmux/proto/hub/v1/device_pb.ts";
import type { AnnounceChange } from "../../relay/announce-change.ts";
import type { Relay } from "../../relay/relay.ts";
import type { ApprovalRequests } from "../../store/approval-requests.ts";
import type { DeviceRevocations } from "../../store/device-revocations.ts";
import type { Grants, StoredGrant } from "../../store/grants.ts";
import type { ApprovalRequestRow } from "../../store/schema.ts";
import { principalOf } from "../call-principal.ts";
import { placeOf } from "../call-place.ts";
import {
  requireDeviceId,
  requireDevicePublicKey,
  requireRequestId,
  requireSigned,
} from "../check-request.ts";
import { refuse } from "../refusal.ts";

/**
 * The mailbox between the devices of an account (protocol §7). What is signed passes as opaque bytes: nobody
 * would rely on a check by the hub. So bounds are all that is enforced here.
 */
export function deviceService(parts: {
  readonly relay: Relay;
  readonly approvalRequests: ApprovalRequests;
  readonly grants: Grants;
  readonly revocations: DeviceRevocations;
  readonly announceChange: AnnounceChange;
}): ServiceImpl<typeof DeviceService> {
  const { relay, approvalRequests, grants, revocations, announceChange } = parts;
  const { clock, limits, random } = relay;

  return {
    async requestApproval(request, context) {
      const { userId } = principalOf(context);
      const place = placeOf(context);
      const nowMs = clock.wallMs();
      const row: ApprovalRequestRow = {
        request_id: `apr_${Buffer.from(random(16)).toString("base64url")}`,
        user_id: userId,
        device_public_key: requireDevicePublicKey(request.devicePublicKey),
        user_agent: place.userAgent,
        address: place.address,
        created_at_ms: nowMs,
        expires_at_ms: nowMs + limits.approvalRequestMs,
      };
      if ((await approvalRequests.add(row)) === "limit_reached") {
        throw refuse(
          "limit_reached",
          "too many devices wait for approval: answer one of them, or wait ten minutes",
        );
      }
      announceChange(userId, { devices: true });
      return { request: requestOf(row) };
    },

    async listApprovalRequests(_request, context) {
      const rows = await approvalRequests.list(principalOf(context).userId, clock.wallMs());
      return { requests: rows.map(requestOf) };
    },

    async answerApproval(request, context) {
      const { userId } = principalOf(context);
      const requestId = requireRequestId(request.requestId);
      const grant = request.grant === undefined ? null : requireGrant(request.grant);
      const answered = await approvalRequests.answer(userId, requestId, clock.wallMs(), grant);
      if (answered === "not_found") throw refuse("not_found");
      if (answered === "limit_reached") throw refuse("limit_reached", tooManyGrants);
      announceChange(userId, { devices: true });
      return {};
    },

    async listGrants(_request, context) {
      const rows = await grants.list(principalOf(context).userId);
      return {
        grants: rows.map((row) => ({
          issuerDeviceId: row.issuer_device_id,
          subjectDeviceId: row.subject_device_id,
          signedGrant: row.signed_grant,
        })),
      };
    },

    async putGrant(request, context) {
      const { userId } = principalOf(context);
      if (request.grant === undefined) throw refuse("invalid_request", "grant is missing");
      const grant = { ...requireGrant(request.grant), user_id: userId };
      const put = await grants.put(grant, clock.wallMs());
      if (put === "limit_reached") throw refuse("limit_reached", tooManyGrants);
      announceChange(userId, { devices: true });
      return {};
    },

    async putRevocation(request, context) {
      const { userId } = principalOf(context);
      const deviceId = requireDeviceId(request.deviceId, "device_id");
      const signed = requireSigned(request.signedRevocation, "signed_revocation");
      const put = await revocations.put(userId, deviceId, signed);
      if (put === "limit_reached") throw refuse("limit_reached", tooManyRevocations);
      if (put === "known") return {};
      for (const link of relay.workers.values()) {
        if (link.userId === userId) link.sendRevocations([signed]);
      }
      announceChange(userId, { devices: true });
      return {};
    },

    async listRevocations(_request, context) {
      const { userId } = principalOf(context);
      const rows = await revocations.list(userId, 0, limits.maxDeviceRevocations);
      return { signedRevocations: rows.map((row) => row.signed_revocation) };
    },
  };
}

const tooManyGrants = "the account has too many grants: revoke devices that are no longer used";
const tooManyRevocations =
  "the hub keeps no more revocations of this account or device: this one has to be given to each worker directly, by opening it from a trusted device or on its console";

function requireGrant(grant: Grant): Omit<StoredGrant, "user_id"> {
  return {
    issuer_device_id: requireDeviceId(grant.issuerDeviceId, "issuer_device_id"),
    subject_device_id: requireDeviceId(grant.subjectDeviceId, "subject_device_id"),
    signed_grant: requireSigned(grant.signedGrant, "signed_grant"),
  };
}

function requestOf(row: ApprovalRequestRow): MessageInitShape<typeof ApprovalRequestSchema> {
  return {
    requestId: row.request_id,
    devicePublicKey: row.device_public_key,
    createdAtMs: BigInt(row.created_at_ms),
    expiresAtMs: BigInt(row.expires_at_ms),
    userAgent: row.user_agent,
    address: row.address,
  };
}
