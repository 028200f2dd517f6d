import { createSignal, onCleanup } from "solid-js";
import { recall, remember } from "./remembered.ts";

/** How the window is arranged: the sidebar, the width it has to live with, and which name is being edited. */
export interface Layout {
  /** Below 640 px: one tile, the sidebar lies over it. */
  isPhone(): boolean;
  /** 44 px wide; on a phone: closed. */
  isSidebarCollapsed(): boolean;
  toggleSidebar(): void;
  closeSidebarOverlay(): void;
  /** The terminal in front takes the keyboard; false while the user walks along the tabs. */
  terminalHasKeys(): boolean;
  setTerminalHasKeys(has: boolean): void;
  /** The name that shows as a field. */
  editing(): Edited | undefined;
  edit(what: Edited | undefined): void;
}

export interface Edited {
  readonly kind: "workspace" | "tab";
  readonly id: string;
}

export function createLayout(): Layout {
  const phone = matchMedia("(max-width: 639.98px)");
  const [isPhone, setIsPhone] = createSignal(phone.matches);
  const [collapsed, setCollapsed] = createSignal(recall("sidebar") === "collapsed");
  const [overlayOpen, setOverlayOpen] = createSignal(false);
  const [editing, edit] = createSignal<Edited>();
  const [terminalHasKeys, setTerminalHasKeys] = createSignal(true);

  const onChange = () => {
    setIsPhone(phone.matches);
    setOverlayOpen(false);
  };
  phone.addEventListener("change", onChange);
  onCleanup(() => phone.removeEventListener("change", onChange));

  return {
    isPhone,
    isSidebarCollapsed: () => (isPhone() ? !overlayOpen() : collapsed()),
    toggleSidebar() {
      if (isPhone()) return void setOverlayOpen((open) => !open);
      setCollapsed((before) => !before);
      remember("sidebar", collapsed() ? "collapsed" : undefined);
    },
    closeSidebarOverlay: () => setOverlayOpen(false),
    terminalHasKeys,
    setTerminalHasKeys,
    editing,
    edit,
  };
}
