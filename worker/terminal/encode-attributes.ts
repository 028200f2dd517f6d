import type { CellAttributes } from "./xterm-internals.ts";

/** A link is shown with dashes below; that is no style of the cell. */
const linkUnderline = 5;
const noUnderline = 0;

/** SGR that gives exactly these colours and style, whatever was before (ECMA-48 §8.3.117). */
export function encodeAttributes(attributes: CellAttributes): string {
  let codes = "0";
  if (attributes.isBold()) codes += ";1";
  if (attributes.isDim()) codes += ";2";
  if (attributes.isItalic()) codes += ";3";
  const underline = attributes.getUnderlineStyle();
  if (underline !== noUnderline) codes += `;4:${underline === linkUnderline ? 1 : underline}`;
  if (attributes.isBlink()) codes += ";5";
  if (attributes.isInverse()) codes += ";7";
  if (attributes.isInvisible()) codes += ";8";
  if (attributes.isStrikethrough()) codes += ";9";
  if (attributes.isOverline()) codes += ";53";

  if (attributes.isFgRGB()) codes += rgb(38, attributes.getFgColor());
  else if (attributes.isFgPalette()) codes += palette(30, attributes.getFgColor());
  if (attributes.isBgRGB()) codes += rgb(48, attributes.getBgColor());
  else if (attributes.isBgPalette()) codes += palette(40, attributes.getBgColor());
  if (underline !== noUnderline) {
    if (attributes.isUnderlineColorRGB()) codes += rgb(58, attributes.getUnderlineColor());
    else if (attributes.isUnderlineColorPalette()) {
      codes += `;58;5;${attributes.getUnderlineColor()}`;
    }
  }
  return `\x1b[${codes}m`;
}

function rgb(kind: number, color: number): string {
  return `;${kind};2;${(color >>> 16) & 0xff};${(color >>> 8) & 0xff};${color & 0xff}`;
}

/** The first 16 in their short form: only in that one bold makes them bright. */
function palette(base: 30 | 40, color: number): string {
  if (color < 8) return `;${base + color}`;
  return color < 16 ? `;${base + 60 + color - 8}` : `;${base + 8};5;${color}`;
}

/** Colours and flags as two numbers, which without extended attributes are the whole style. */
export type NumberedAttributes = CellAttributes & { readonly fg: number; readonly bg: number };

const rememberedStyles = 1024;

/** `encodeAttributes` for what has no extended attributes; remembers, and forgets what comes to the same place. */
export function makeStyleMemory(): (attributes: NumberedAttributes) => string {
  const fgs = new Uint32Array(rememberedStyles);
  const bgs = new Uint32Array(rememberedStyles);
  const styles: (string | undefined)[] = [];
  return (attributes) => {
    const { fg, bg } = attributes;
    const mixed = Math.imul(fg, 0x9e3779b1) ^ Math.imul(bg, 0x85ebca6b);
    const place = (mixed ^ (mixed >>> 15)) & (rememberedStyles - 1);
    const known = styles[place];
    // The numbers come signed or unsigned.
    if (known !== undefined && fgs[place] === fg >>> 0 && bgs[place] === bg >>> 0) return known;
    fgs[place] = fg;
    bgs[place] = bg;
    return (styles[place] = encodeAttributes(attributes));
  };
}
