/**
 * Whether this page was served by `leapmux open` from the person's own machine: then the hub's address,
 * which that program writes into the page. Nothing rests on it but what people are told to do: a hub that
 * serves a page of its own could write anything into it.
 */
export function readLocalHub(from: ParentNode = document): string | undefined {
  const hub = from.querySelector('meta[name="leapmux-local"]')?.getAttribute("content");
  return hub !== null && hub !== undefined && hub !== "" ? hub : undefined;
}
