/**
 * Places in an order that never need renumbering of others: text that sorts between its neighbours, read
 * as the digits behind a point in base 62. A position never ends in the lowest digit, so there is always
 * room before it.
 */
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const base = digits.length;

/** Longer ones are a sign that everything was moved into one gap: then all are numbered anew. */
export const maxPositionLength = 32;

/** A position after `before` and before `after`; null is the end on that side. `before` < `after`. */
export function positionBetween(before: string | null, after: string | null): string {
  let position = "";
  let ceiling = after;
  for (let index = 0; ; index += 1) {
    const low = before !== null && index < before.length ? digitAt(before, index) : 0;
    const high = ceiling !== null && index < ceiling.length ? digitAt(ceiling, index) : base;
    if (low === high) {
      position += digits[low];
      continue;
    }
    if (high - low > 1) {
      // At the end of a list take the next digit, not the middle: appending stays short.
      const step = ceiling === null && low > 0 ? 1 : (high - low) >> 1;
      return position + digits[low + step];
    }
    // Neighbouring digits: keep the lower one, whatever follows is below `after`.
    position += digits[low];
    ceiling = null;
  }
}

/** `count` positions in order, evenly spread. */
export function spreadPositions(count: number): string[] {
  const width = Math.max(1, Math.ceil(Math.log(count + 2) / Math.log(base)));
  const room = base ** width;
  return Array.from({ length: count }, (_, index) => {
    let place = Math.floor((room * (index + 1)) / (count + 1));
    let position = "";
    for (let digit = 0; digit < width; digit += 1) {
      position = digits[place % base] + position;
      place = Math.floor(place / base);
    }
    return position.replace(/0+$/, "");
  });
}

/** By code units, whatever collation a database has. */
export function comparePositions(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function digitAt(position: string, index: number): number {
  return digits.indexOf(position.charAt(index));
}
