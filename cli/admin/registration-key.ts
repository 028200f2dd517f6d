import { createClient } from "@connectrpc/connect";
import {
  type RegistrationKey,
  RegistrationKeyStatus,
  WorkerAdminService,
} from "@leapmux/proto/hub/v1/admin_workers_pb.ts";
import type { AdminCall, AdminGroup } from "./admin-command.ts";
import { type Field, done, listOf, timeOf } from "./admin-result.ts";
import { collectPages } from "./collect-pages.ts";
import { orMissing } from "./explain-refusal.ts";

const statuses: Readonly<Record<RegistrationKeyStatus, string>> = {
  [RegistrationKeyStatus.UNSPECIFIED]: "",
  [RegistrationKeyStatus.OPEN]: "open",
  [RegistrationKeyStatus.USED]: "used",
  [RegistrationKeyStatus.EXPIRED]: "expired",
  [RegistrationKeyStatus.WITHDRAWN]: "withdrawn",
};

const fields: readonly Field<RegistrationKey>[] = [
  { name: "key_id", title: "ID", value: ({ keyId }) => keyId },
  { name: "username", title: "User name", value: ({ username }) => username },
  { name: "user_id", title: "User id", value: ({ userId }) => userId },
  { name: "status", title: "Status", value: ({ status }) => statuses[status] ?? "" },
  { name: "worker_id", title: "Worker", value: ({ workerId }) => workerId },
  { name: "expires_at", title: "Expires", value: ({ expiresAtMs }) => timeOf(expiresAtMs) },
];

const clientOf = ({ transport }: AdminCall) => createClient(WorkerAdminService, transport);

export const registrationKeyGroup: AdminGroup = {
  name: "reg-key",
  description: "Registration keys, never the keys themselves; browsers make them",
  commands: [
    {
      name: "list",
      description: "Keys of everybody, whether they still admit a worker or not",
      isPaged: true,
      async run(call) {
        const page = await collectPages(call.flags, async (asked) => {
          const { keys, nextPageToken } = await clientOf(call).listRegistrationKeys(asked);
          return { rows: keys, next: nextPageToken };
        });
        return listOf("registration_keys", fields, page);
      },
    },
    {
      name: "revoke",
      description: "Make a key admit nobody any more",
      flags: [{ name: "id", placeholder: "KEY_ID", description: "The key with this id" }],
      async run(call) {
        const keyId = call.flags.required("id");
        await orMissing(
          clientOf(call).revokeRegistrationKey({ keyId }),
          `there is no registration key with the id ${keyId}`,
        );
        return done(`The registration key ${keyId} admits nobody any more.`, { key_id: keyId });
      },
    },
    {
      name: "purge-expired",
      description: "Forget keys whose time has passed",
      async run(call) {
        const { purged } = await clientOf(call).purgeExpiredRegistrationKeys({});
        return done(`Purged registration keys: ${purged}.`, { purged });
      },
    },
  ],
};
