export const maxTitleLength = 128;

/** Controls, line separators, and the marks that turn the direction of what stands around them. */
// oxlint-disable-next-line no-control-regex
const unwanted = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A title as it may be shown: at most 128 characters, without what would act instead of being shown. */
export function cleanTitle(title: string): string {
  // Bounded before the work: a program may set a title of megabytes.
  const shown = title
    .slice(0, 8 * maxTitleLength)
    .replace(unwanted, "")
    .trim();
  const characters = Array.from(shown);
  return characters.length > maxTitleLength ? characters.slice(0, maxTitleLength).join("") : shown;
}

export function isTooLongTitle(title: string): boolean {
  return title.length > maxTitleLength && Array.from(title).length > maxTitleLength;
}
