import { createClient, createRouterTransport, type Client } from "@connectrpc/connect";
import { DeviceService } from "@leapmux/proto/hub/v1/device_pb.ts";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import { WorkerRegistrationService } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import type { ManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { denyAll, type Principal } from "../accounts/authenticator.ts";
import type { HubLimits } from "../config/hub-limits.ts";
import { makeLogRefusal } from "../ops/log-refusals.ts";
import { makeAnnounceChange } from "../relay/announce-change.ts";
import { requirePrincipal } from "../rpc/call-principal.ts";
import { deviceService } from "../rpc/device/device-service.ts";
import { requireWorker } from "../rpc/worker-link/authenticate-worker.ts";
import { relayedLinkMethod, workerLinkMethod } from "../rpc/worker-link/worker-link-service.ts";
import { workerRegistrationService } from "../rpc/worker-registration/worker-registration-service.ts";
import { registrationMethods } from "../rpc/worker/registration-methods.ts";
import { workerService } from "../rpc/worker/worker-service.ts";
import { makeApprovalRequests } from "../store/approval-requests.ts";
import { makeDeviceRevocations } from "../store/device-revocations.ts";
import { makeGrants } from "../store/grants.ts";
import { makeKeyedHash } from "../store/keyed-hash.ts";
import type { Store } from "../store/open-store.ts";
import { makeRegistrationKeys } from "../store/registration-keys.ts";
import { makeWorkers } from "../store/workers.ts";
import { makeFakeRelay, type FakeRelay } from "./fake-links.ts";
import { compositeKey, dialAsWorker, type FakeWorker } from "./fake-worker.ts";
import { openTestStore } from "./open-test-store.ts";
import { cleanUp } from "./start-links.ts";

/**
 * The services for workers and devices over a real store, without a port and without logins: whose call it
 * is, the test says. Time stands still until the test moves it.
 */
export interface TestServices {
  readonly store: Store;
  readonly fake: FakeRelay;
  readonly clock: ManualClock;
  workersOf(userId: string, role?: Principal["role"]): Client<typeof WorkerService>;
  devicesOf(userId: string): Client<typeof DeviceService>;
  /** The outside of a worker that registers; answers its token. */
  register(key: string, workerId: string, workerMac?: Uint8Array): Promise<string>;
  dial(workerId: string, token: string): Promise<FakeWorker>;
  /** Registered for this user and online. */
  addWorker(userId: string, workerId: string): Promise<{ worker: FakeWorker; token: string }>;
}

export async function startServices(limits: Partial<HubLimits> = {}): Promise<TestServices> {
  const { store, close } = await openTestStore();
  cleanUp(close);
  const fake = makeFakeRelay(limits);
  const { relay, clock } = fake;
  const parts = {
    relay,
    workers: makeWorkers(store),
    registrationKeys: makeRegistrationKeys(store, relay.limits),
    approvalRequests: makeApprovalRequests(store, relay.limits),
    grants: makeGrants(store, relay.limits),
    revocations: makeDeviceRevocations(store, relay.limits),
    keyedHash: makeKeyedHash(new Uint8Array(32)),
    announceChange: makeAnnounceChange(relay),
    log: relay.log,
    logRefusal: makeLogRefusal(relay.log, relay.clock),
    random: relay.random,
    wallMs: () => relay.clock.wallMs(),
  };
  relay.onWorkersChanged = (userId) => parts.announceChange(userId, { workers: true });
  const requestGate = requirePrincipal({
    ...denyAll,
    authenticate(headers) {
      const userId = headers.get("x-test-user");
      const role = headers.get("x-test-role") === "admin" ? "admin" : "user";
      return Promise.resolve(userId === null ? null : { userId, role, loginId: null });
    },
  });
  const transportOf = (headers: Record<string, string>) =>
    createRouterTransport(
      (router) =>
        router
          .service(
            WorkerService,
            { ...workerService(parts), ...registrationMethods(parts) },
            { requestGate },
          )
          .service(DeviceService, deviceService(parts), { requestGate })
          .service(WorkerRegistrationService, workerRegistrationService(parts))
          .rpc(relayedLinkMethod, workerLinkMethod(parts), {
            requestGate: requireWorker(parts.workers, parts.keyedHash),
          }),
      {
        transport: {
          interceptors: [
            (next) => (request) => {
              for (const [name, value] of Object.entries(headers)) request.header.set(name, value);
              return next(request);
            },
          ],
        },
      },
    );

  const services: TestServices = {
    store,
    fake,
    clock,
    workersOf: (userId, role = "user") =>
      createClient(WorkerService, transportOf({ "x-test-user": userId, "x-test-role": role })),
    devicesOf: (userId) => createClient(DeviceService, transportOf({ "x-test-user": userId })),
    async register(key, workerId, workerMac = new Uint8Array(0)) {
      const calls = createClient(WorkerRegistrationService, transportOf({}));
      const { workerToken } = await calls.register(
        {
          workerId,
          compositePublicKey: compositeKey,
          encryptionMode: EncryptionMode.CLASSIC,
          name: workerId,
          workerMac,
        },
        { headers: { authorization: `Bearer ${key}` } },
      );
      return workerToken;
    },
    async dial(workerId, token) {
      const worker = await dialAsWorker(transportOf({}), { workerId, token });
      cleanUp(() => worker.hangUp());
      return worker;
    },
    async addWorker(userId, workerId) {
      const { key } = await services.workersOf(userId).createRegistrationKey({});
      const token = await services.register(key, workerId);
      const worker = await services.dial(workerId, token);
      await worker.inbox.find(({ body }) => body.case === "welcome");
      return { worker, token };
    },
  };
  return services;
}
