import type { CellAttributes } from "./xterm-internals.ts";

/** A link is shown with dashes below; that is no style of the cell. */
const linkUnderline = 5;
const noUnderline = 0;

/** SGR that gives exactly these colours and style, whatever was before (ECMA-48 §8.3.117). */
export function encodeAttributes(attributes: CellAttributes): string {
  const codes: (number | string)[] = [0];
  if (attributes.isBold()) codes.push(1);
  if (attributes.isDim()) codes.push(2);
  if (attributes.isItalic()) codes.push(3);
  const underline = attributes.getUnderlineStyle();
  if (underline !== noUnderline) codes.push(`4:${underline === linkUnderline ? 1 : underline}`);
  if (attributes.isBlink()) codes.push(5);
  if (attributes.isInverse()) codes.push(7);
  if (attributes.isInvisible()) codes.push(8);
  if (attributes.isStrikethrough()) codes.push(9);
  if (attributes.isOverline()) codes.push(53);

  if (attributes.isFgRGB()) codes.push(...rgb(38, attributes.getFgColor()));
  else if (attributes.isFgPalette()) codes.push(...palette(30, attributes.getFgColor()));
  if (attributes.isBgRGB()) codes.push(...rgb(48, attributes.getBgColor()));
  else if (attributes.isBgPalette()) codes.push(...palette(40, attributes.getBgColor()));
  if (underline !== noUnderline) {
    if (attributes.isUnderlineColorRGB()) codes.push(...rgb(58, attributes.getUnderlineColor()));
    else if (attributes.isUnderlineColorPalette()) {
      codes.push(58, 5, attributes.getUnderlineColor());
    }
  }
  return `\x1b[${codes.join(";")}m`;
}

function rgb(kind: number, color: number): number[] {
  return [kind, 2, (color >>> 16) & 0xff, (color >>> 8) & 0xff, color & 0xff];
}

/** The first 16 in their short form: only in that one bold makes them bright. */
function palette(base: 30 | 40, color: number): number[] {
  if (color < 8) return [base + color];
  return color < 16 ? [base + 60 + color - 8] : [base + 8, 5, color];
}
