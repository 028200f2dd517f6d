import type { ViewColours } from "./view-memory.ts";

/** Steps of the 6 × 6 × 6 cube of the 256 colours. */
const cubeSteps = [0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff];

/**
 * What a program is told that asks for a colour: `rgb:rrrr/gggg/bbbb`. Index 0 to 255 is the palette, 256
 * to 258 foreground, background and cursor. `null` where nobody told us; then the program hears nothing.
 */
export function answerColour(colours: ViewColours | null, index: number): string | null {
  const colour = findColour(colours, index);
  if (colour === null) return null;
  const part = (shift: number): string => {
    const byte = ((colour >>> shift) & 0xff).toString(16).padStart(2, "0");
    return byte + byte;
  };
  return `rgb:${part(16)}/${part(8)}/${part(0)}`;
}

function findColour(colours: ViewColours | null, index: number): number | null {
  if (!colours || index < 0) return null;
  if (index < 16) return colours.palette[index] ?? null;
  if (index < 232) {
    const at = index - 16;
    const step = (place: number): number => cubeSteps[Math.floor(at / place) % 6] ?? 0;
    return (step(36) << 16) | (step(6) << 8) | step(1);
  }
  if (index < 256) return (8 + (index - 232) * 10) * 0x010101;
  return [colours.foreground, colours.background, colours.cursor][index - 256] ?? null;
}
