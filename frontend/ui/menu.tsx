import { createSignal, Show } from "solid-js";
import type { IconComponent } from "./icon.tsx";
import { makePart } from "./part.tsx";

/**
 * Menus of buttons and of the right mouse button. The machinery is a part that arrives later.
 */
export type MenuEntry =
  | {
      readonly kind: "item";
      readonly label: string;
      readonly icon?: IconComponent;
      readonly keys?: string | undefined;
      readonly hint?: string;
      readonly danger?: boolean;
      readonly disabled?: boolean;
      readonly checked?: boolean;
      select(): void;
    }
  | { readonly kind: "separator" }
  | { readonly kind: "note"; readonly text: string };

export interface MenuRequest {
  /** The menu's name. */
  readonly label: string;
  /** The button below which it opens, or the place of the pointer. */
  readonly anchor: Element | { readonly x: number; readonly y: number };
  readonly entries: readonly MenuEntry[];
  readonly onClosed?: () => void;
}

const [request, setRequest] = createSignal<MenuRequest>();
const MenuView = makePart(async () => (await import("./menu-view.tsx")).MenuView);

/** The button that just lost its menu to the press that now asks for it again. */
let closedAnchor: MenuRequest["anchor"] | undefined;
let closedAtMs = -Infinity;
const samePressMs = 300;

export function openMenu(next: MenuRequest): void {
  closeMenu();
  const isSamePress = performance.now() - closedAtMs < samePressMs;
  if (isSamePress && next.anchor instanceof Element && next.anchor === closedAnchor) return;
  setRequest(next);
}

function closeMenu(): void {
  const now = request();
  if (!now) return;
  setRequest(undefined);
  closedAnchor = now.anchor;
  closedAtMs = performance.now();
  now.onClosed?.();
}

export function isMenuOpen(): boolean {
  return request() !== undefined;
}

/** Once per page. */
export function MenuHost() {
  return (
    <Show when={request()} keyed>
      {(now) => (
        // Menus lie outside of the window's areas; whoever moves from area to area finds them here.
        <div role="region" aria-label="Menu">
          <MenuView request={now} close={closeMenu} onMissing={closeMenu} />
        </div>
      )}
    </Show>
  );
}
