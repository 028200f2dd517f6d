import { describe, expect, test } from "vitest";
import { parseSettingsFile } from "./read-settings-file.ts";
import { soloSettings, workerSettings } from "./settings.ts";

const parse = (text: string) => parseSettingsFile(soloSettings, "config.yaml", text);

describe("the settings file", () => {
  test("scalars come out as text", () => {
    const values = parse("listen: 127.0.0.1:1\nopen: false\napi_timeout_seconds: 20\nlog_level:\n");
    expect(Object.fromEntries(values)).toEqual({
      listen: "127.0.0.1:1",
      open: "false",
      apiTimeoutSeconds: "20",
    });
  });

  test.each(["", "# only a comment\n", "---\n"])("an empty file (%j) says nothing", (text) => {
    expect(parse(text).size).toBe(0);
  });

  test.each([
    ["lissten: x", /unknown key lissten for solo/],
    ["dataDir: x", /unknown key dataDir/],
    ["listen: [a]", /listen must be a single value/],
    ["- listen", /must be a list of lines/],
    ["listen", /must be a list of lines/],
    ["listen: a\nlisten: b", /not valid YAML/],
    ["listen: 'a", /not valid YAML/],
  ])("%j is refused", (text, expected) => {
    expect(() => parse(text)).toThrow(expected);
  });

  test("an unknown key is answered with the nearest known one", () => {
    expect(() => parse("lissten: x")).toThrow(
      expect.objectContaining({ code: "usage", next: "Did you mean listen?" }),
    );
  });

  test("a registration key in a file is refused without repeating it", () => {
    const file = () => parseSettingsFile(workerSettings, "c.yaml", "registration_key: verysecret");
    expect(file).toThrow(/does not belong into a file/);
    expect(file).not.toThrow(/verysecret/);
  });

  test("a bomb of aliases does not go off", () => {
    const bomb = "a: &a [x,x]\nb: &b [*a,*a]\nlisten: *b\n";
    expect(() => parse(bomb)).toThrow();
  });
});
