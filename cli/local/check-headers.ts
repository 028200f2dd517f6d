import type { IncomingHttpHeaders } from "node:http";
import { checkPolicy } from "./check-policy.ts";

/** Headers by which a server makes a browser do more than show the file. */
const active = ["refresh", "link", "service-worker-allowed", "access-control-allow-origin"];

/** What is wrong with the headers of a file of the frontend, in words of our own. */
export function checkHeaders(
  headers: IncomingHttpHeaders,
  expected: { readonly host: string; readonly contentType: string },
): string[] {
  const wrong: string[] = [];
  const policy = headers["content-security-policy"];
  const problem = checkPolicy(Array.isArray(policy) ? policy.join(",") : policy, expected.host);
  if (problem !== undefined) wrong.push(problem);
  if (normal(headers["content-type"]) !== normal(expected.contentType)) {
    wrong.push("another content type");
  }
  if (headers["x-content-type-options"] !== "nosniff") wrong.push("no x-content-type-options");
  for (const name of active) {
    if (headers[name] !== undefined) wrong.push(`there is a ${name} header`);
  }
  return wrong;
}

function normal(contentType: string | undefined): string {
  return (contentType ?? "").toLowerCase().replaceAll(/\s+/g, "");
}
