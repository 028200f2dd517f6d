import { later } from "../ui/later.ts";

export type DropSide = "before" | "after" | undefined;

interface TabDrag {
  readonly element: HTMLElement;
  readonly tabId: string;
  showSide(side: DropSide): void;
  drop(draggedId: string, side: "before" | "after"): void;
}

const loadAdapter = later(() => import("@atlaskit/pragmatic-drag-and-drop/element/adapter"));

/** Tabs are carried with the pointer; the library is wanted when a pointer first comes near. */
export function makeTabDraggable({ element, tabId, showSide, drop }: TabDrag): () => void {
  let cleanup: (() => void) | undefined;
  let over = false;

  const sideAt = (clientX: number): "before" | "after" => {
    const box = element.getBoundingClientRect();
    return clientX < box.left + box.width / 2 ? "before" : "after";
  };

  async function attach(): Promise<void> {
    const { draggable, dropTargetForElements } = await loadAdapter();
    if (over) return;
    const stopDrag = draggable({ element, getInitialData: () => ({ tabId }) });
    const stopDrop = dropTargetForElements({
      element,
      canDrop: ({ source }) => typeof source.data["tabId"] === "string",
      onDrag: ({ source, location }) =>
        showSide(
          source.data["tabId"] === tabId ? undefined : sideAt(location.current.input.clientX),
        ),
      onDragLeave: () => showSide(undefined),
      onDrop({ source, location }) {
        showSide(undefined);
        const dragged = source.data["tabId"];
        if (typeof dragged !== "string" || dragged === tabId) return;
        drop(dragged, sideAt(location.current.input.clientX));
      },
    });
    cleanup = () => {
      stopDrag();
      stopDrop();
    };
  }

  const bar = element.closest("[data-area=tabs]") ?? element;
  const wait = () => bar.addEventListener("pointerover", begin, { once: true });
  const begin = () => void attach().catch(() => !over && wait());
  wait();
  return () => {
    over = true;
    bar.removeEventListener("pointerover", begin);
    cleanup?.();
  };
}
