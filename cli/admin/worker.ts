// `leapmux admin worker`: the workers of everybody and the keys that admit them. Nobody makes a key here: a
// worker is paired with a device, so its key comes out of a browser.
import { createClient } from "@connectrpc/connect";
import {
  type OwnedWorker,
  WorkerAdminService,
  WorkerStatus,
} from "@leapmux/proto/hub/v1/admin_workers_pb.ts";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import { CommandError } from "../command-error.ts";
import type { AdminCall, AdminFlag, AdminGroup } from "./admin-command.ts";
import { type Field, done, listOf, recordOf, timeOf } from "./admin-result.ts";
import { collectPages } from "./collect-pages.ts";
import { orMissing } from "./explain-refusal.ts";
import { registrationKeyGroup } from "./registration-key.ts";

const statuses = new Map([
  ["active", WorkerStatus.ACTIVE],
  ["deregistering", WorkerStatus.DEREGISTERING],
]);

const fields: readonly Field<OwnedWorker>[] = [
  { name: "worker_id", title: "ID", value: ({ workerId }) => workerId },
  { name: "name", title: "Name", value: ({ name }) => name },
  { name: "username", title: "User name", value: ({ username }) => username },
  { name: "user_id", title: "User id", value: ({ userId }) => userId },
  {
    name: "status",
    title: "Status",
    value: ({ status }) => (status === WorkerStatus.DEREGISTERING ? "deregistering" : "active"),
  },
  {
    name: "encryption_mode",
    title: "Mode",
    value: ({ encryptionMode }) =>
      encryptionMode === EncryptionMode.CLASSIC ? "classic" : "post-quantum",
  },
  { name: "bundled", title: "Bundled", value: ({ bundled }) => bundled },
  {
    name: "registered_at",
    title: "Registered",
    value: ({ registeredAtMs }) => timeOf(registeredAtMs),
  },
  { name: "last_seen_at", title: "Last seen", value: ({ lastSeenAtMs }) => timeOf(lastSeenAtMs) },
];

const selector: AdminFlag = {
  name: "id",
  placeholder: "WORKER_ID",
  description: "The worker with this id",
};
const clientOf = ({ transport }: AdminCall) => createClient(WorkerAdminService, transport);
const missing = (workerId: string): string => `there is no worker with the id ${workerId}`;

export const workerGroup: AdminGroup = {
  name: "worker",
  description: "Workers of everybody, and the registration keys that admit them",
  commands: [
    {
      name: "list",
      description: "Workers of everybody",
      isPaged: true,
      flags: [
        {
          name: "status",
          placeholder: "STATUS",
          description: "Only active or only deregistering ones (built-in: all)",
        },
      ],
      async run(call) {
        const typed = call.flags.text("status");
        const status = typed === undefined ? WorkerStatus.UNSPECIFIED : statuses.get(typed);
        if (status === undefined) {
          throw new CommandError("usage", "--status must be active or deregistering");
        }
        const page = await collectPages(call.flags, async (asked) => {
          const { workers, nextPageToken } = await clientOf(call).listWorkersOf({
            ...asked,
            status,
          });
          return { rows: workers, next: nextPageToken };
        });
        return listOf("workers", fields, page);
      },
    },
    {
      name: "get",
      description: "Everything the hub knows about one worker, also while it deregisters",
      flags: [selector],
      async run(call) {
        const workerId = call.flags.required("id");
        const { worker } = await orMissing(
          clientOf(call).getWorkerOf({ workerId }),
          missing(workerId),
        );
        if (worker === undefined) throw new CommandError("failure", missing(workerId));
        return recordOf(fields, worker);
      },
    },
    {
      name: "deregister",
      description:
        "Make a worker stop for good and wipe its credentials; asked again, the hub forgets one that never came back",
      isDestructive: true,
      flags: [selector],
      async run(call) {
        const workerId = call.flags.required("id");
        await call.confirm(`This ends the worker ${workerId} and everything that runs on it.`);
        const { forgotten } = await orMissing(
          clientOf(call).deregisterWorkerOf({ workerId }),
          missing(workerId),
        );
        return done(
          forgotten
            ? `Forgot the worker ${workerId}; its token is refused from now on.`
            : `The worker ${workerId} deregisters: it wipes its credentials when it hears of it.`,
          { worker_id: workerId, forgotten },
        );
      },
    },
    registrationKeyGroup,
  ],
};
