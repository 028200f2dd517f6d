// Everything the command line prints, by one set of rules:
// results go to stdout as plain lines; warnings, errors and logs go to stderr; colour only on a
// terminal and without NO_COLOR; logs are one JSON object a line unless a person watches stderr.
import { styleText } from "node:util";
import pino from "pino";
import type { CommandError } from "./command-error.ts";
import { makeRedactor } from "./redaction/make-redactor.ts";
import type { RedactPattern } from "./redaction/redact-patterns.ts";

/** What of a terminal or pipe is needed here. */
export interface Sink {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  /** Of a terminal: how wide it is. */
  columns?: number | undefined;
}

export interface Output {
  /** A person watches stderr. */
  readonly watched: boolean;
  /** A person watches stdout. */
  readonly interactive: boolean;
  /** How wide the terminal on stdout is; undefined where there is none. */
  readonly columns: number | undefined;
  /** A line of the result, on stdout. */
  print(text: string): void;
  /** Progress for whoever watches; on a terminal the next call replaces it, "" removes it. */
  progress(text: string): void;
  /** What somebody may want to do next, on stderr. */
  hint(text: string): void;
  /** What somebody must not miss. */
  warn(text: string): void;
  error(error: CommandError): void;
  /** For logs from this level up, without what these patterns find; progress follows both. */
  logger(level: string, patterns?: readonly RedactPattern[]): pino.Logger;
}

type Style = "bold" | "dim" | "red" | "yellow" | "green" | "cyan";

export function makeOutput(stdout: Sink, stderr: Sink, noColor: boolean): Output {
  const watched = stderr.isTTY === true;
  const paint = (sink: Sink, style: Style | Style[], text: string) =>
    sink.isTTY === true && !noColor ? styleText(style, text, { validateStream: false }) : text;
  let progressShown = false;
  let threshold = "info";
  let redactor = makeRedactor([]);
  const clearProgress = () => {
    if (progressShown) stderr.write("\r\u001b[2K");
    progressShown = false;
  };

  function makeLogger(level: string): pino.Logger {
    const write = watched
      ? (line: string) => {
          clearProgress();
          const paintErr = (style: Style | Style[], text: string) => paint(stderr, style, text);
          stderr.write(formatLogLine(redactor.line(line), paintErr));
        }
      : (line: string) => stderr.write(redactor.line(line));
    return pino(
      {
        level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      { write },
    );
  }

  return {
    watched,
    interactive: stdout.isTTY === true,
    columns: stdout.isTTY === true ? stdout.columns : undefined,
    print(text) {
      clearProgress();
      stdout.write(`${text}\n`);
    },
    progress(text) {
      if (watched) {
        clearProgress();
        if (text === "") return;
        stderr.write(paint(stderr, "dim", text));
        progressShown = true;
      } else if (text !== "") {
        makeLogger(threshold).info(text);
      }
    },
    hint(text) {
      clearProgress();
      stderr.write(`${printable(text)}\n`);
    },
    warn(text) {
      clearProgress();
      if (!watched) return makeLogger("warn").warn(`WARNING: ${text}`);
      const [first = "", ...rest] = text.split("\n");
      stderr.write(`${paint(stderr, ["bold", "yellow"], `WARNING: ${first}`)}\n`);
      for (const line of rest) stderr.write(`         ${paint(stderr, "yellow", line)}\n`);
    },
    error(error) {
      clearProgress();
      const message = redactor.text(printable(error.message));
      stderr.write(`${paint(stderr, ["bold", "red"], "error:")} ${message}\n`);
      if (error.next !== undefined) stderr.write(`${printable(error.next)}\n`);
    },
    logger(level, patterns = []) {
      threshold = level;
      redactor = makeRedactor(patterns);
      return makeLogger(level);
    },
  };
}

const levelStyles: Readonly<Record<string, Style | Style[]>> = {
  trace: "dim",
  debug: "dim",
  info: "green",
  warn: ["bold", "yellow"],
  error: ["bold", "red"],
  fatal: ["bold", "red"],
};

/** One log line for people: time, level, message, then the remaining fields as `name=value`. */
function formatLogLine(
  line: string,
  paint: (style: Style | Style[], text: string) => string,
): string {
  const { time, level, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const label = String(level);
  const clock = new Date(String(time)).toLocaleTimeString("en-GB", { hour12: false });
  const shown = Object.entries(fields).map(([name, value]) => {
    return `${name}=${typeof value === "string" ? printable(value) : JSON.stringify(value)}`;
  });
  const why =
    typeof err === "object" && err !== null && "message" in err ? [String(err.message)] : [];
  const rest = [...why.map(printable), ...shown].join(" ");
  return [
    paint("dim", clock),
    paint(levelStyles[label] ?? "cyan", label.toUpperCase().padEnd(5)),
    printable(typeof msg === "string" ? msg : ""),
    rest === "" ? "" : paint("dim", rest),
  ]
    .join(" ")
    .trimEnd()
    .concat("\n");
}

/** Text from elsewhere must not steer the terminal that shows it. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is replaced
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "\ufffd");
}
