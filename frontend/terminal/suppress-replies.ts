import type { Terminal } from "@xterm/xterm";

/**
 * Programs ask the terminal questions (what are you, where is the cursor, which colours), and the
 * answer is typed into them. The worker's own terminal answers, once; the views must stay silent, or
 * two browsers would answer twice and a snapshot would answer again what was asked yesterday.
 * OSC 52 is refused here as well: no program reads or writes the clipboard by itself.
 */
export function suppressReplies(term: Terminal): void {
  const { parser } = term;
  const handled = () => true;
  // Device attributes, primary, secondary and tertiary; XTVERSION.
  parser.registerCsiHandler({ final: "c" }, handled);
  parser.registerCsiHandler({ prefix: ">", final: "c" }, handled);
  parser.registerCsiHandler({ prefix: "=", final: "c" }, handled);
  parser.registerCsiHandler({ prefix: ">", final: "q" }, handled);
  // Status and cursor position.
  parser.registerCsiHandler({ final: "n" }, handled);
  parser.registerCsiHandler({ prefix: "?", final: "n" }, handled);
  // DECRQM: is a mode set.
  parser.registerCsiHandler({ intermediates: "$", final: "p" }, handled);
  parser.registerCsiHandler({ prefix: "?", intermediates: "$", final: "p" }, handled);
  // Keyboard protocol and window reports.
  parser.registerCsiHandler({ prefix: "?", final: "u" }, handled);
  parser.registerCsiHandler({ final: "t" }, handled);
  // DECRQSS and XTGETTCAP.
  parser.registerDcsHandler({ intermediates: "$", final: "q" }, handled);
  parser.registerDcsHandler({ intermediates: "+", final: "q" }, handled);
  // Colours: setting passes on to xterm, asking does not.
  for (const ident of [4, 5, 10, 11, 12, 13, 14, 17, 19]) {
    parser.registerOscHandler(ident, (data) => data.split(";").includes("?"));
  }
  parser.registerOscHandler(52, handled);
}
