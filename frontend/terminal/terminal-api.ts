/** What the workspace may ask of a terminal's view. */
export interface TerminalApi {
  focus(): void;
  openSearch(): void;
  copy(): void;
  paste(): void;
  /** Clears screen and scrollback of this view only. */
  clear(): void;
  scrollToBottom(): void;
  /** As if typed, exactly so. */
  sendText(text: string): void;
  /** One character of the key row, with the sticky modifiers applied and released. */
  sendCharacter(character: string): void;
  /** A named key, with the sticky modifiers applied and released. */
  sendKey(key: TerminalKey): void;
  /** Starts the shell anew in an exited terminal. */
  restart(): void;
  /** Modifiers of the key row that apply to the next key; reactive. */
  readonly sticky: StickyModifiers;
}

export type TerminalKey = "escape" | "tab" | "up" | "down" | "left" | "right";

export interface StickyModifiers {
  ctrl(): boolean;
  alt(): boolean;
  toggleCtrl(): void;
  toggleAlt(): void;
}

export interface TerminalPreferences {
  readonly fontFamily: string;
  /** CSS pixels. */
  readonly fontSize: number;
  readonly theme: "light" | "dark";
  readonly screenReader: boolean;
}
