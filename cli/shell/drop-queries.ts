/**
 * Programs ask the terminal questions (what are you, where is the cursor, which colours), and the answer is
 * typed into them. The worker's own terminal answers, once. So what asks is taken out of the output before
 * it reaches the person's terminal, which would answer a second time. OSC 52 goes as well: no program on
 * a worker reads or writes the clipboard here. The same rule as the browser's (suppress-replies), on bytes.
 *
 *   ground ─ESC─▶ escape ─[─▶ sequence ─final byte─▶ ground
 *                   │──] P _ ^ X──▶ string ─BEL, ESC \─▶ ground
 *                   └─other─▶ ground
 */
export interface QueryFilter {
  pass(bytes: Uint8Array): Uint8Array;
  /** The screen starts anew: what was unfinished will not be finished. */
  reset(): void;
  /** The alternate screen is on. */
  readonly isAlternate: boolean;
}

type State = "ground" | "c1" | "escape" | "sequence" | "string" | "string-escape";
/** What happens with the bytes of a sequence: too long a one is decided on before its end. */
type Fate = "hold" | "pass" | "swallow";

const escape = 0x1b;
const bell = 0x07;
const enquiry = 0x05;
const backslash = 0x5c;
/** Of one sequence. */
const maxHeldBytes = 8 * 1024;

export function makeQueryFilter(): QueryFilter {
  let state: State = "ground";
  let fate: Fate = "hold";
  let held: number[] = [];
  let out: number[] = [];
  let isAlternate = false;

  function begin(next: State, byte: number): void {
    state = next;
    fate = "hold";
    held = [byte];
  }

  function put(byte: number): void {
    if (fate === "hold") held.push(byte);
    else if (fate === "pass") out.push(byte);
    if (fate !== "hold" || held.length <= maxHeldBytes) return;
    fate = state === "string" && !isUnwantedString(held) ? "pass" : "swallow";
    if (fate === "pass") out.push(...held);
  }

  function finish(isDropped: boolean): void {
    if (fate === "hold" && !isDropped) out.push(...held);
    state = "ground";
    held = [];
  }

  function giveUp(byte: number): void {
    finish(true);
    step(byte);
  }

  function step(byte: number): void {
    switch (state) {
      case "ground":
        if (byte === escape) return begin("escape", byte);
        // In UTF-8 the controls U+0080 to U+009F begin so; nobody needs them, and terminals differ over them.
        if (byte === 0xc2) return begin("c1", byte);
        if (byte !== enquiry) out.push(byte);
        return;
      case "c1": {
        const isCharacter = byte >= 0xa0 && byte <= 0xbf;
        if (isCharacter) put(byte);
        finish(!isCharacter);
        if (byte < 0x80 || byte > 0xbf) step(byte);
        return;
      }
      case "escape": {
        if (byte === escape) return begin("escape", byte);
        if (isIgnored(byte)) return;
        if (byte >= 0x80) return giveUp(byte);
        put(byte);
        const kind = String.fromCharCode(byte);
        if (held.length === 2 && kind === "[") state = "sequence";
        else if (held.length === 2 && "]P_^X".includes(kind)) state = "string";
        // Intermediates are followed by more; DECID is a question.
        else if (byte >= 0x30 || isAbort(byte)) finish(kind === "Z" && held.length === 2);
        return;
      }
      case "sequence":
        // Given up: passed on, it would be finished by what follows the next one.
        if (byte === escape) return begin("escape", byte);
        if (isIgnored(byte)) return;
        if (byte >= 0x80) return giveUp(byte);
        put(byte);
        if (isAbort(byte)) return finish(false);
        if (byte < 0x40 || byte > 0x7e) return;
        noteScreen();
        return finish(isQuery(held));
      case "string":
        if (byte === escape) {
          state = "string-escape";
          return;
        }
        put(byte);
        if (isAbort(byte) || (byte === bell && held[1] === 0x5d)) finish(isUnwantedString(held));
        return;
      case "string-escape":
        if (byte === backslash) {
          put(escape);
          put(byte);
          return finish(isUnwantedString(held));
        }
        // Anything else behind ESC gives the string up and begins something new.
        if (fate === "pass") out.push(escape, backslash);
        begin("escape", escape);
        return step(byte);
    }
  }

  function noteScreen(): void {
    const mode = /^\?(?:47|1047|1049)([hl])$/.exec(textOf(held.slice(2)))?.[1];
    if (mode !== undefined) isAlternate = mode === "h";
  }

  return {
    get isAlternate() {
      return isAlternate;
    },
    reset() {
      state = "ground";
      held = [];
      isAlternate = false;
    },
    pass(bytes) {
      out = [];
      for (const byte of bytes) step(byte);
      return Uint8Array.from(out);
    },
  };
}

/** CAN and SUB give up whatever has begun. */
function isAbort(byte: number): boolean {
  return byte === 0x18 || byte === 0x1a;
}

/** Other controls inside of a sequence are no part of it. */
function isIgnored(byte: number): boolean {
  return byte === 0x7f || (byte < 0x20 && !isAbort(byte));
}

function textOf(bytes: readonly number[]): string {
  return String.fromCharCode(...bytes);
}

/**
 * Of CSI sequences: device attributes, status, modes, keyboard protocol, window reports, XTVERSION, terminal
 * parameters, presentation state, checksums, graphics, keys.
 */
function isQuery(sequence: readonly number[]): boolean {
  const parts = /^([<=>?]?)[^ -/]*([ -/]*)([@-~])$/.exec(textOf(sequence.slice(2)));
  const [, prefix = "", intermediates = "", final = ""] = parts ?? [];
  switch (`${intermediates}${final}`) {
    case "c":
    case "n":
    case "t":
    case "x":
    case "$p":
    case "$u":
    case "$w":
    case "&w":
    case "'|":
    case "*y":
      return true;
    case "q":
      return prefix === ">";
    case "u":
    case "S":
    case "m":
      return prefix === "?";
    default:
      return false;
  }
}

/** OSC that ask or that reach the clipboard, DCS that ask, and all of APC, PM and SOS. */
function isUnwantedString(bytes: readonly number[]): boolean {
  const isEnded = bytes.at(-2) === escape && bytes.at(-1) === backslash;
  const content = textOf(bytes.slice(2, isEnded ? -2 : bytes.at(-1) === bell ? -1 : undefined));
  switch (String.fromCharCode(bytes[1] ?? 0)) {
    case "]": {
      const fields = content.split(";");
      return fields[0] === "52" || fields.includes("?") || /^1337;(?:Re|Copy|File)/.test(content);
    }
    case "P":
      return /^[0-9;]*[$+]q/.test(content);
    default:
      return true;
  }
}
