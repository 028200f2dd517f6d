import { arch, availableParallelism, freemem, loadavg, platform, totalmem } from "node:os";
import type { ServiceImpl } from "@connectrpc/connect";
import { nativeScrypt } from "@leapmux/native/native-scrypt.ts";
import type { WorkerInfoService } from "@leapmux/proto/sealed/v1/worker_info_pb.ts";
import { fingerprint, formatWords } from "@leapmux/shared/identity/fingerprint.ts";
import type { WorkerEnvironment } from "../config/read-environment.ts";
import { readCaller } from "../dispatch/caller.ts";
import packageFile from "../package.json" with { type: "json" };

/** Tells the ends of a channel about this machine; the hub never hears it. */
export function makeWorkerInfoService(options: {
  readonly compositePublicKey: Uint8Array;
  readonly environment: WorkerEnvironment;
  readonly startedAtMs: number;
  /** Shells that run for a user. */
  readonly openTerminals: (userId: string) => number;
}): ServiceImpl<typeof WorkerInfoService> {
  const { environment, startedAtMs } = options;
  let words: Promise<string> | undefined;

  return {
    async getWorkerInfo(_request, context) {
      const { ownerId } = readCaller(context);
      words ??= fingerprint(options.compositePublicKey, nativeScrypt).then(({ longWords }) =>
        formatWords(longWords),
      );
      return {
        version: packageFile.version,
        hostName: environment.hostName,
        os: platform(),
        arch: arch(),
        userName: environment.userName,
        startedAtMs: BigInt(startedAtMs),
        fingerprint: await words,
        homeDirectory: environment.home,
        loadAverages: loadavg(),
        processors: availableParallelism(),
        memoryBytes: BigInt(totalmem()),
        freeMemoryBytes: BigInt(freemem()),
        openTerminals: options.openTerminals(ownerId),
      };
    },
  };
}
