// What the check of an audit log found, in words and as JSON; alike for an export and for a database.
import type { ChainProblem, ChainVerdict } from "@leapmux/hub/audit/check-chain.ts";
import { type AdminResult, done } from "./admin-result.ts";

/** Over the network a hub may be newer and know other problems. */
type Verdict =
  | Extract<ChainVerdict, { readonly ok: true }>
  | (Omit<Extract<ChainVerdict, { readonly ok: false }>, "problem"> & { readonly problem: string });

const problems: ReadonlyMap<string, string> = new Map(
  Object.entries({
    altered: "not what was written",
    missing: "missing",
    inserted: "inserted, or there twice",
    bad_signature: "not what was signed: something was altered, removed or inserted",
    unsigned: "without the signature that must be there",
    no_beginning: "not the beginning of an audit log",
    other_key: "not signed by this key, nor by one that it handed over to",
    not_the_receipt: "another history than the one of this head",
    bad_receipt: "the head was not signed by a key of this log",
    unreadable: "not readable as it must be written",
  } satisfies Record<ChainProblem, string>),
);

/** Where something is wrong, the command fails. */
export function verdictResult(verdict: Verdict): AdminResult {
  if (verdict.ok) {
    const { entries, signedSequence, keys } = verdict;
    return done(
      [
        `${entries} entries, signed up to ${signedSequence}. Nothing was altered, removed or inserted.`,
        ...keys.map((key) => `Key: ${key}`),
      ],
      { ok: true, entries, signed_sequence: signedSequence, keys },
    );
  }
  const { sequence, through, problem } = verdict;
  const where = through > sequence ? `Entries ${sequence} to ${through}` : `Entry ${sequence}`;
  const what = problems.get(problem) ?? `wrong (${problem})`;
  const found = done(`${where}: ${what}.`, { ok: false, problem, sequence, through });
  return { ...found, isFailure: true };
}
