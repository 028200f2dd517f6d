import { expect, it } from "vitest";
import { takeFragment } from "./take-fragment.ts";

function take(pathname: string, hash: string) {
  const addresses: unknown[] = [];
  const token = takeFragment(
    { pathname, hash },
    { replaceState: (_data, _title, address) => void addresses.push(address) },
  );
  return { token, addresses };
}

it("reads the token and removes it from the address", () => {
  const token = `lmi_${"a".repeat(43)}`;
  expect(take("/setup", `#${token}`)).toEqual({ token, addresses: ["/setup"] });
  expect(take("/invite/", `#${token}`)).toEqual({ token, addresses: ["/invite/"] });
  expect(take("/cli", "#ABCD-1234")).toEqual({ token: "ABCD-1234", addresses: ["/cli"] });
});

it("leaves other addresses alone", () => {
  expect(take("/w/wsp_1", "#top")).toEqual({ token: "", addresses: [] });
  expect(take("/setup", "")).toEqual({ token: "", addresses: [] });
});

it("takes nothing that is no token, and removes it all the same", () => {
  for (const hash of ["#<script>", "#a b", "#%2e%2e", `#${"a".repeat(129)}`, "#a\u0000b"]) {
    expect(take("/invite", hash)).toEqual({ token: "", addresses: ["/invite"] });
  }
});
