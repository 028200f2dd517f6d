import { createRouterTransport } from "@connectrpc/connect";
import { WorkerRegistrationService } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { expect, test } from "vitest";
import { registerWorker } from "./register-worker.ts";

test("a registration that nobody answers has an end", async () => {
  let timeoutMs: number | undefined;
  const transport = createRouterTransport(({ service }) => {
    service(WorkerRegistrationService, {
      register(request, context) {
        timeoutMs = context.timeoutMs();
        expect(context.requestHeader.get("authorization")).toBe("Bearer lmk_key");
        return { workerToken: `token of ${request.workerId}` };
      },
    });
  });
  const token = await registerWorker({
    transport,
    registrationKey: "lmk_key",
    identity: { workerId: "wkr_1", compositePublicKey: new Uint8Array(1664) },
    name: "box",
    mode: "classic",
    workerMac: null,
  });
  expect(token).toBe("token of wkr_1");
  expect(timeoutMs).toBeGreaterThan(0);
  expect(timeoutMs).toBeLessThanOrEqual(15_000);
});
