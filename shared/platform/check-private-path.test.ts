import { expect, test } from "vitest";
import { checkPrivatePath, PrivatePathError } from "./check-private-path.ts";

const me = 1000;
const somebody = 1001;
const ofKind = (kind: "file" | "directory") => ({
  isFile: () => kind === "file",
  isDirectory: () => kind === "directory",
});
const file = { ...ofKind("file"), uid: me, mode: 0o100600 };
const directory = { ...ofKind("directory"), uid: me, mode: 0o040700 };

function judge(
  facts: Partial<Parameters<typeof checkPrivatePath>[0]>,
): PrivatePathError | "private" {
  const path = "/home/me/it";
  try {
    checkPrivatePath({ path, what: "file", own: file, target: file, userId: me, ...facts });
    return "private";
  } catch (error) {
    if (error instanceof PrivatePathError) return error;
    throw error;
  }
}

test("what only we may read is private, and where there are no users everything is", () => {
  expect(judge({})).toBe("private");
  expect(judge({ what: "directory", target: directory })).toBe("private");
  const open = { ...file, uid: somebody, mode: 0o100666 };
  expect(judge({ target: open, userId: undefined })).toBe("private");
});

test.each([0o640, 0o604, 0o620, 0o601, 0o755, 0o777])("mode %o is too open", (bits) => {
  const mode = 0o100000 | bits;
  expect(judge({ target: { ...file, mode } })).toMatchObject({
    code: "too_open",
    message: expect.stringContaining(`(mode 0${bits.toString(8)})`),
    next: expect.stringContaining("`chmod 600 /home/me/it`"),
  });
});

test("the command that helps is one word to a shell, whatever the path", () => {
  const target = { ...directory, mode: 0o040750 };
  expect(judge({ what: "directory", target, path: "/home/me/it's $HOME" })).toMatchObject({
    next: expect.stringContaining("`chmod 700 '/home/me/it'\\''s $HOME'`"),
  });
});

test("of somebody else, by itself or through a link of theirs", () => {
  expect(judge({ target: { ...file, uid: somebody } })).toMatchObject({ code: "not_ours" });
  expect(judge({ own: { uid: somebody } })).toMatchObject({ code: "not_ours" });
  expect(judge({ own: { uid: 0 } })).toBe("private");
});

test("a directory is no file and a file no directory", () => {
  expect(judge({ target: directory })).toMatchObject({ code: "wrong_kind" });
  expect(judge({ what: "directory" })).toMatchObject({ code: "wrong_kind" });
});
