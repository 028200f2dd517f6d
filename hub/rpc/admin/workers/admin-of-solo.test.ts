import { createClient } from "@connectrpc/connect";
import {
  RegistrationKeyStatus,
  WorkerAdminService,
} from "@leapmux/proto/hub/v1/admin_workers_pb.ts";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { expect, test } from "vitest";
import { trustFakeWorker } from "../../../test-support/fake-worker.ts";
import { connectAs } from "../../../test-support/log-in.ts";
import { refusalOf } from "../../../test-support/refusal-of.ts";
import { startTestHub } from "../../../test-support/start-links.ts";

test("the admin of solo, who has no row, acts upon workers and registration keys", async () => {
  const { hub, url } = await startTestHub();
  const workerId = await trustFakeWorker(hub);
  const admin = createClient(WorkerAdminService, connectAs(url));
  expect(await refusalOf(admin.deregisterWorkerOf({ workerId }))).toBe("worker_bundled");
  const { keyId } = await createClient(WorkerService, connectAs(url)).createRegistrationKey({});
  await admin.revokeRegistrationKey({ keyId });
  expect((await admin.listRegistrationKeys({})).keys).toMatchObject([
    { keyId, status: RegistrationKeyStatus.WITHDRAWN },
  ]);
});
