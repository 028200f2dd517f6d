import { TerminalService } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import TerminalIcon from "lucide-solid/icons/square-terminal";
import type { App } from "../app/use-app.ts";
import { type MenuEntry, openMenu } from "../ui/menu.tsx";
import { describeFailure } from "./describe-failure.ts";

interface Shell {
  readonly path: string;
  readonly name: string;
  readonly isDefault: boolean;
}

const timeoutMs = 3000;

/** The shells of the workers that are online, asked for once a page, shown as a menu. */
export function makeShellLists(app: App): {
  prefetch(): void;
  openMenu(anchor: Element): Promise<void>;
} {
  const lists = new Map<string, Promise<readonly Shell[]>>();
  const online = () => app.workers.all.filter((worker) => worker.online);

  function shellsOf(workerId: string): Promise<readonly Shell[]> {
    const known = lists.get(workerId);
    if (known) return known;
    const asked = app.connections
      .of(workerId)
      .client(TerminalService)
      .listShells({}, { timeoutMs })
      .then(({ shells }) => shells);
    lists.set(workerId, asked);
    asked.catch(() => lists.delete(workerId));
    return asked;
  }

  async function entriesOf(workerId: string): Promise<MenuEntry[]> {
    try {
      const shells = await shellsOf(workerId);
      return shells.map((shell) => ({
        kind: "item",
        label: shell.name,
        hint: shell.isDefault ? "default" : shell.path,
        icon: TerminalIcon,
        select: () => app.commands.newTerminal({ workerId, shell: shell.path }),
      }));
    } catch (error) {
      return [{ kind: "note", text: describeFailure(error) }];
    }
  }

  return {
    prefetch() {
      for (const { id } of online()) void shellsOf(id).catch(() => {});
    },
    async openMenu(anchor) {
      const workers = online();
      const entryLists = await Promise.all(workers.map((worker) => entriesOf(worker.id)));
      const entries = workers.flatMap((worker, index): MenuEntry[] => [
        ...(index > 0 ? [{ kind: "separator" } as const] : []),
        { kind: "note", text: `On ${worker.name}` },
        ...(entryLists[index] ?? []),
      ]);
      if (entries.length === 0) entries.push({ kind: "note", text: "No worker is online." });
      openMenu({ label: "New terminal", anchor, entries });
    },
  };
}
