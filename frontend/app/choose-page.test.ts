import { HubKind } from "@leapmux/proto/hub/v1/system_pb.ts";
import { describe, expect, it } from "vitest";
import { choosePage } from "./choose-page.ts";

const solo = { kind: HubKind.SOLO, setupRequired: false, userId: "solo" };
const empty = { kind: HubKind.HUB, setupRequired: true, userId: "" };
const stranger = { kind: HubKind.HUB, setupRequired: false, userId: "" };
const known = { ...stranger, userId: "usr_1" };
const at = { wasHere: false, hasFailed: false, hasEnded: false };
const terminal = "/w/wsp_1/t/trm_1";

describe("choosePage", () => {
  it.each([
    ["/", solo, "app"],
    ["/setup", solo, "app"],
    ["/invite", solo, "app"],
    ["/cli", solo, "app"],
    ["/", empty, "set-up"],
    ["/invite", empty, "set-up"],
    [terminal, empty, "set-up"],
    ["/setup", stranger, "log-in"],
    [terminal, stranger, "log-in"],
    ["/cli", stranger, "log-in"],
    ["/invite", stranger, "invitation"],
    ["/invite/", stranger, "invitation"],
    ["/invite", known, "invitation"],
    ["/cli", known, "command-line"],
    ["/sign-in", stranger, "sign-in"],
    ["/sign-in", known, "sign-in"],
    ["/sign-in", solo, "app"],
    ["/setup", known, "app"],
    ["/toString", known, "app"],
    [terminal, known, "app"],
  ] as const)("%s", (path, system, page) => {
    expect(choosePage({ ...at, path, system })).toBe(page);
  });

  it("does not let who was here wait, except where a login is only one of two things", () => {
    const before = { ...at, system: undefined };
    expect(choosePage({ ...before, path: terminal })).toBe("waiting");
    expect(choosePage({ ...before, path: terminal, hasFailed: true })).toBe("unreachable");
    expect(choosePage({ ...before, path: terminal, wasHere: true })).toBe("app");
    expect(choosePage({ ...before, path: terminal, wasHere: true, hasFailed: true })).toBe("app");
    expect(choosePage({ ...before, path: "/cli", wasHere: true })).toBe("waiting");
  });

  it("says that a login is over before anything else", () => {
    const ended = { ...at, path: terminal, hasEnded: true };
    expect(choosePage({ ...ended, system: known })).toBe("ended");
    expect(choosePage({ ...ended, system: stranger })).toBe("ended");
  });
});
