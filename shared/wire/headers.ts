import type { Header } from "@leapmux/proto/sealed/v1/message_pb.ts";
import { maxCallHeaders } from "../limits/limits.ts";

interface HeaderInit {
  name: string;
  value: string;
}

export function encodeHeaders(headers: Headers, except?: string): HeaderInit[] {
  const list: HeaderInit[] = [];
  headers.forEach((value, name) => {
    if (name !== except) list.push({ name, value });
  });
  return list;
}

/** Headers from outside; those whose name or value is none, and too many of them, are left out. */
export function decodeHeaders(list: readonly Header[]): Headers {
  const headers = new Headers();
  for (const { name, value } of list.slice(0, maxCallHeaders)) {
    try {
      headers.append(name, value);
    } catch {
      // Not a header by Fetch §2.2: nobody can have asked for it.
    }
  }
  return headers;
}
