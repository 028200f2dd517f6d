/** A browser or command line in plain words, from how it named itself: hostile text of which we know only words. */
export interface ClientWords {
  /** "Firefox on Linux". */
  readonly text: string;
  readonly isPhone: boolean;
}

/** In this order: each also names those after it. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?(?:iOS)?\/\d/, "Edge"],
  [/\bOPR\/\d/, "Opera"],
  [/\bSamsungBrowser\/\d/, "Samsung Internet"],
  [/\b(?:Firefox|FxiOS)\/\d/, "Firefox"],
  [/\bHeadlessChrome\/\d/, "Chrome without a window"],
  [/\b(?:Chrome|CriOS)\/\d/, "Chrome"],
  [/\bVersion\/[\d.]+ .*Safari\/\d/, "Safari"],
];

const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bWindows\b/, "Windows"],
  [/\bMac(?:intosh| ?OS)\b|\bdarwin\b/i, "macOS"],
  [/\bLinux\b/i, "Linux"],
];

export function describeClient(userAgent: string, cli: boolean): ClientWords {
  const system = systems.find(([form]) => form.test(userAgent))?.[1];
  const program = cli
    ? "Command line"
    : (browsers.find(([form]) => form.test(userAgent))?.[1] ?? "A browser");
  return {
    text: system ? `${program} on ${system}` : program,
    isPhone: /\biPhone\b|\bAndroid\b.*\bMobile\b/.test(userAgent),
  };
}
