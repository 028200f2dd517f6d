import type { ServiceImpl } from "@connectrpc/connect";
import { TabKind, type WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { TabSchema, WorkspaceSchema } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import type { AnnounceChange } from "../../relay/announce-change.ts";
import type { TabRow, WorkspaceRow } from "../../store/schema.ts";
import type { Outcome, Workspaces } from "../../store/workspaces.ts";
import type { Workers } from "../../store/workers.ts";
import { principalOf } from "../call-principal.ts";
import {
  requireTabId,
  requireTitle,
  requireWorkerId,
  requireWorkspaceId,
} from "../check-request.ts";
import { refuse } from "../refusal.ts";

/** Workspaces and the places of their tabs. Every change is announced to the other windows of the user. */
export function workspaceService(parts: {
  readonly workspaces: Workspaces;
  readonly workers: Workers;
  readonly announceChange: AnnounceChange;
  readonly makeId: () => string;
  readonly wallMs: () => number;
}): ServiceImpl<typeof WorkspaceService> {
  const { workspaces, workers, announceChange, makeId, wallMs } = parts;

  return {
    async listWorkspaces(_request, context) {
      const rows = await workspaces.list(principalOf(context).userId);
      return { workspaces: rows.map(workspaceOf) };
    },

    async createWorkspace(request, context) {
      const { userId } = principalOf(context);
      const row = demand(
        await workspaces.create({
          workspace_id: `wsp_${makeId()}`,
          user_id: userId,
          title: requireTitle(request.title, "title"),
          created_at_ms: wallMs(),
        }),
        "workspaces",
      );
      announceChange(userId, { workspaces: true });
      return { workspace: workspaceOf(row) };
    },

    async renameWorkspace(request, context) {
      const { userId } = principalOf(context);
      const workspaceId = requireWorkspaceId(request.workspaceId);
      const title = requireTitle(request.title, "title");
      const row = demand(await workspaces.rename(userId, workspaceId, title), "workspaces");
      announceChange(userId, { workspaces: true });
      return { workspace: workspaceOf(row) };
    },

    async deleteWorkspace(request, context) {
      const { userId } = principalOf(context);
      const workspaceId = requireWorkspaceId(request.workspaceId);
      const tabs = demand(await workspaces.remove(userId, workspaceId), "workspaces");
      announceChange(userId, { workspaces: true, workspaceIds: [workspaceId] });
      return { tabs: tabs.map(tabOf) };
    },

    async listTabs(request, context) {
      const workspaceId = requireWorkspaceId(request.workspaceId);
      const tabs = await workspaces.listTabs(principalOf(context).userId, workspaceId);
      return { tabs: demand(tabs, "tabs").map(tabOf) };
    },

    async createTab(request, context) {
      const { userId } = principalOf(context);
      const workerId = requireWorkerId(request.workerId);
      const tab = {
        tab_id: requireTabId(request.tabId),
        workspace_id: requireWorkspaceId(request.workspaceId),
        worker_id: workerId,
        kind: "terminal" as const,
      };
      if (request.kind !== TabKind.TERMINAL) {
        throw refuse("invalid_request", "kind must be terminal");
      }
      const after = request.afterTabId === "" ? "" : requireTabId(request.afterTabId);
      if ((await workers.find(workerId))?.user_id !== userId) throw refuse("not_found");
      const row = demand(await workspaces.createTab(userId, tab, after), "tabs");
      announceChange(userId, { workspaceIds: [row.workspace_id] });
      return { tab: tabOf(row) };
    },

    async moveTab(request, context) {
      const { userId } = principalOf(context);
      const tabId = requireTabId(request.tabId);
      const after = request.afterTabId === "" ? "" : requireTabId(request.afterTabId);
      if (after === tabId) throw refuse("invalid_request", "a tab cannot come after itself");
      const row = demand(await workspaces.moveTab(userId, tabId, after), "tabs");
      announceChange(userId, { workspaceIds: [row.workspace_id] });
      return { tab: tabOf(row) };
    },

    async deleteTab(request, context) {
      const { userId } = principalOf(context);
      const row = demand(await workspaces.removeTab(userId, requireTabId(request.tabId)), "tabs");
      announceChange(userId, { workspaceIds: [row.workspace_id] });
      return {};
    },
  };
}

function demand<T>(outcome: Outcome<T>, what: "workspaces" | "tabs"): T {
  if (outcome.ok) return outcome.value;
  if (outcome.reason === "limit_reached") {
    throw refuse("limit_reached", `there are too many ${what}: remove one first`);
  }
  throw refuse(outcome.reason);
}

function workspaceOf(row: WorkspaceRow): MessageInitShape<typeof WorkspaceSchema> {
  return {
    workspaceId: row.workspace_id,
    title: row.title,
    createdAtMs: BigInt(row.created_at_ms),
  };
}

function tabOf(row: TabRow): MessageInitShape<typeof TabSchema> {
  return {
    tabId: row.tab_id,
    workspaceId: row.workspace_id,
    workerId: row.worker_id,
    kind: TabKind.TERMINAL,
    position: row.position,
  };
}
