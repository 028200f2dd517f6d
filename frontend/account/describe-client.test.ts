import { expect, it } from "vitest";
import { describeClient } from "./describe-client.ts";

const webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";

it.each([
  [`Mozilla/5.0 (X11; Linux x86_64) ${webkit} Chrome/141.0.0.0 Safari/537.36`, "Chrome on Linux"],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0`,
    "Edge on Windows",
  ],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on Linux"],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
    "Safari on macOS",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
    "Safari on iPhone",
  ],
  [
    `Mozilla/5.0 (Linux; Android 10; K) ${webkit} Chrome/141.0.0.0 Mobile Safari/537.36`,
    "Chrome on Android",
  ],
  ["", "A browser"],
  ["<b>Chrome</b>\u202e", "A browser"],
])("%s", (userAgent, text) => expect(describeClient(userAgent, false).text).toBe(text));

it("knows phones and command lines", () => {
  expect(describeClient("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6)", false).isPhone).toBe(true);
  expect(describeClient("leapmux/0.1.0 (linux; x64)", true)).toEqual({
    text: "Command line on Linux",
    isPhone: false,
  });
});
