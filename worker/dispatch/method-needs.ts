import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { WorkerDeviceService } from "@leapmux/proto/sealed/v1/device_pb.ts";
import { TerminalService } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { WorkerEvidenceService } from "@leapmux/proto/sealed/v1/worker_evidence_pb.ts";
import { WorkerInfoService } from "@leapmux/proto/sealed/v1/worker_info_pb.ts";
import type { DeviceScope } from "@leapmux/shared/devices/scope.ts";

/**
 * What a caller needs for each method (protocol §7): `view` and `drive` are the roles of a grant to workspaces,
 * whose handlers also ask which workspace; `full` is everything else. A method that is not here is refused.
 */
type MethodNeed = "view" | "drive" | "full";

type Needs<Service extends { method: object }> = Readonly<
  Record<keyof Service["method"], MethodNeed>
>;

const terminalNeeds: Needs<typeof TerminalService> = {
  getTerminal: "view",
  // Who may only view types and resizes nothing: the handler sees to that.
  attachTerminal: "view",
  watchTerminals: "view",
  listShells: "drive",
  openTerminal: "drive",
  renameTerminal: "drive",
  restartTerminal: "drive",
  closeTerminal: "drive",
};

const workerInfoNeeds: Needs<typeof WorkerInfoService> = { getWorkerInfo: "full" };

const workerEvidenceNeeds: Needs<typeof WorkerEvidenceService> = { listEvidence: "full" };

const workerDeviceNeeds: Needs<typeof WorkerDeviceService> = {
  listDevices: "full",
  deliverRevocations: "full",
};

const needs: ReadonlyMap<string, Readonly<Record<string, MethodNeed>>> = new Map<
  string,
  Readonly<Record<string, MethodNeed>>
>([
  [TerminalService.typeName, terminalNeeds],
  [WorkerInfoService.typeName, workerInfoNeeds],
  [WorkerEvidenceService.typeName, workerEvidenceNeeds],
  [WorkerDeviceService.typeName, workerDeviceNeeds],
]);

export function findNeed(method: DescMethod): MethodNeed | null {
  const ofService = needs.get(method.parent.typeName);
  if (!ofService || !Object.hasOwn(ofService, method.localName)) return null;
  return ofService[method.localName] ?? null;
}

/** `null`: go on. Asked before any handler is. */
export function checkScope(method: DescMethod, scope: DeviceScope): ConnectError | null {
  const need = findNeed(method);
  if (need === null) return new ConnectError("this method is closed", Code.PermissionDenied);
  if (scope.kind === "full") return null;
  const isEnough = need === "view" || (need === "drive" && scope.role === "drive");
  return isEnough ? null : makeScopeError();
}

export function makeScopeError(): ConnectError {
  return new ConnectError("this device was not granted that", Code.PermissionDenied);
}
