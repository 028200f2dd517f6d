/** What an attachment (attach-terminal) drives, and what it offers to the view. */
export interface TerminalScreen {
  /** Empties screen and scrollback and takes this size. */
  reset(size: TerminalSize): void;
  resize(size: TerminalSize): void;
  /** Resolves when there is room for more. */
  write(data: Uint8Array): Promise<void>;
}

export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

/** `gone`: the worker does not know the terminal. `asleep`: paused on purpose. Only `live` has a stream. */
export type AttachmentState = "attaching" | "live" | "detached" | "gone" | "asleep";

export interface Attachment {
  /** False: not attached, or too much unconfirmed; nothing was sent or kept. */
  sendInput(data: Uint8Array<ArrayBuffer>): boolean;
  /** The size that this view has room for. */
  resize(size: TerminalSize): void;
  /** What this view shows: the worker answers programs that ask. */
  setColours(colours: TerminalColours): void;
  /** The user acts here. */
  focus(): void;
  /** Starts the shell of an exited terminal: that is acting here. Throws the worker's ConnectError. */
  restart(): Promise<void>;
  /** Ends a wait before the next try. */
  retryNow(): void;
  /** Lets go of the stream while nobody looks; a view in the background must not pause the PTY. */
  pause(): void;
  resume(): void;
  stop(): void;
}

/** Each as 0xRRGGBB. */
export interface TerminalColours {
  readonly foreground: number;
  readonly background: number;
  readonly cursor: number;
  /** The first 16 of the palette. */
  readonly palette: number[];
}
