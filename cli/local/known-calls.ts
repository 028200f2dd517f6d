import type { DescService } from "@bufbuild/protobuf";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { ChannelService } from "@leapmux/proto/hub/v1/channel_pb.ts";
import { DeviceService } from "@leapmux/proto/hub/v1/device_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { TokenService } from "@leapmux/proto/hub/v1/token_pb.ts";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";

/** What the frontend calls once somebody is logged in. */
const services: readonly DescService[] = [
  AccountService,
  AdminService,
  ChannelService,
  DeviceService,
  SystemService,
  TokenService,
  WorkerService,
  WorkspaceService,
];

/**
 * The only paths that `leapmux open` asks a hub for, besides /link. Of the ways to get a login there is none:
 * it would come as a cookie, which is not passed on. That of the command line can be ended.
 */
export const knownCalls: ReadonlySet<string> = new Set([
  ...services.flatMap(pathsOf),
  `/${LoginService.typeName}/${LoginService.method.logOut.name}`,
]);

function pathsOf({ typeName, methods }: DescService): string[] {
  return methods
    .filter(({ methodKind }) => methodKind === "unary")
    .map(({ name }) => `/${typeName}/${name}`);
}
