import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { TerminalService } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { readCaller } from "../dispatch/caller.ts";
import type { EvidenceAction } from "./evidence-store.ts";
import type { EvidenceNotes } from "./note-evidence.ts";

/** The same service, with a note of who started and ended which terminal: the id, and nothing of what runs in it. */
export function noteTerminalCalls(
  service: ServiceImpl<typeof TerminalService>,
  evidence: Pick<EvidenceNotes, "note">,
): ServiceImpl<typeof TerminalService> {
  function note(action: EvidenceAction, context: HandlerContext, terminalId: string): void {
    const { userId, device } = readCaller(context);
    const deviceId = device?.deviceId ?? "";
    evidence.note({ action, userId, deviceId, subject: terminalId, reason: "" });
  }
  return {
    ...service,
    async openTerminal(request, context) {
      const response = await service.openTerminal(request, context);
      note("terminal_opened", context, request.terminalId);
      return response;
    },
    async restartTerminal(request, context) {
      const response = await service.restartTerminal(request, context);
      note("terminal_restarted", context, request.terminalId);
      return response;
    },
    async closeTerminal(request, context) {
      const response = await service.closeTerminal(request, context);
      note("terminal_closed", context, request.terminalId);
      return response;
    },
  };
}
