import type { ServiceImpl } from "@connectrpc/connect";
import { HubKind, type SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { principalOf } from "../call-principal.ts";

export function systemService(info: {
  readonly kind: "solo" | "hub";
  readonly version: string;
  /** Known only once the hub listens. */
  isExposed(): boolean;
  /** SHA-256 of the manifest of the pages that are served, hex; "" without any. */
  readonly frontendHash: string;
}): ServiceImpl<typeof SystemService> {
  return {
    getSystemInfo: (_request, context) => ({
      kind: info.kind === "solo" ? HubKind.SOLO : HubKind.HUB,
      userId: principalOf(context).userId,
      version: info.version,
      exposed: info.isExposed(),
      frontendHash: info.frontendHash,
    }),
  };
}
