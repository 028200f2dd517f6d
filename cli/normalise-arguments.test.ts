import { expect, test } from "vitest";
import { normaliseArguments } from "./normalise-arguments.ts";

const normalise = (...argv: string[]) =>
  normaliseArguments(argv, (flag) => ["--name", "--listen"].includes(flag));

test("one dash is as good as two", () => {
  expect(normalise("solo", "-listen", ":1", "-no-open", "-name=x").tokens).toEqual([
    ...["solo", "--listen", ":1", "--no-open", "--name=x"],
  ]);
});

test.each([["-h"], ["-help"], ["--help"], ["help"]])("%s asks for help anywhere", (token) => {
  expect(normalise(token)).toEqual({ tokens: [], asksFor: "help" });
  expect(normalise("solo", token)).toEqual({ tokens: ["solo"], asksFor: "help" });
  expect(normalise(token, "solo")).toEqual({ tokens: ["solo"], asksFor: "help" });
});

test("the value of a flag is left as it was typed", () => {
  expect(normalise("worker", "-name", "help", "--listen", "-odd-value")).toEqual({
    tokens: ["worker", "--name", "help", "--listen", "-odd-value"],
    asksFor: undefined,
  });
});

test("behind -- nothing is touched", () => {
  expect(normalise("solo", "--", "-listen", "help").tokens).toEqual([
    ...["solo", "--", "-listen", "help"],
  ]);
});

test("help wins over the version", () => {
  expect(normalise("solo", "-version").asksFor).toBe("version");
  expect(normalise("solo", "--version", "-h").asksFor).toBe("help");
});

test("a number behind --version is that of something, where a command takes one", () => {
  const ofKeys = (...argv: string[]) => normaliseArguments(argv, (flag) => flag === "--version");
  expect(ofKeys("remove", "--version", "2", "--json")).toEqual({
    tokens: ["remove", "--version=2", "--json"],
    asksFor: undefined,
  });
  expect(ofKeys("remove", "--version=2").tokens).toEqual(["remove", "--version=2"]);
  expect(ofKeys("remove", "--version").asksFor).toBe("version");
  expect(ofKeys("--version", "remove").asksFor).toBe("version");
  expect(normalise("solo", "--version", "2").asksFor).toBe("version");
});
