import type { TerminalKey } from "./terminal-api.ts";

/**
 * Keystrokes on their way to the PTY: what xterm or the key row produced, with the sticky modifiers
 * of the key row applied, as the bytes that a terminal sends. Next: terminal/attach-terminal.
 */
export interface Modifiers {
  readonly ctrl: boolean;
  readonly alt: boolean;
}

const encoder = new TextEncoder();

export function captureKeystroke(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** xterm's binary reports (old mouse protocols): one byte per character. */
export function encodeBinary(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}

/** The first character gets the modifiers, as with held keys; what follows it stays as it is. */
export function applyModifiers(text: string, modifiers: Modifiers): string {
  if (text === "") return text;
  const first = String.fromCodePoint(text.codePointAt(0)!);
  const rest = text.slice(first.length);
  const controlled = modifiers.ctrl ? controlCharacter(first) : first;
  return (modifiers.alt ? "\x1b" : "") + controlled + rest;
}

function controlCharacter(character: string): string {
  if (character === " " || character === "2") return "\x00";
  if (character === "?" || character === "8") return "\x7f";
  if (character === "/") return "\x1f";
  const code = character.toUpperCase().charCodeAt(0);
  // @ A to Z [ \ ] ^ _
  return code >= 0x40 && code <= 0x5f ? String.fromCharCode(code & 0x1f) : character;
}

const arrows = { up: "A", down: "B", right: "C", left: "D" } as const;

/** A named key. `applicationCursorKeys` is what the program asked for (DECCKM). */
export function keySequence(
  key: TerminalKey,
  modifiers: Modifiers,
  applicationCursorKeys: boolean,
): string {
  if (key === "escape") return modifiers.alt ? "\x1b\x1b" : "\x1b";
  if (key === "tab") return modifiers.alt ? "\x1b\t" : "\t";
  const final = arrows[key];
  // xterm's modifier parameter: 1 + alt 2 + ctrl 4.
  const parameter = 1 + (modifiers.alt ? 2 : 0) + (modifiers.ctrl ? 4 : 0);
  if (parameter > 1) return `\x1b[1;${parameter}${final}`;
  return (applicationCursorKeys ? "\x1bO" : "\x1b[") + final;
}
