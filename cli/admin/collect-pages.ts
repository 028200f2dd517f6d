import { CommandError } from "../command-error.ts";
import type { AdminFlags } from "./admin-flags.ts";

const defaultLimit = 50;
const mostLimit = 1000;

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Empty with the last one. */
  readonly next: string;
}

/** As many rows as were asked for, in as many pages as the hub gives them. */
export async function collectPages<Row>(
  flags: AdminFlags,
  fetch: (page: { readonly pageSize: number; readonly pageToken: string }) => Promise<Page<Row>>,
): Promise<Page<Row>> {
  const limit = flags.count("limit", { least: 1, most: mostLimit }) ?? defaultLimit;
  const rows: Row[] = [];
  let pageToken = flags.text("cursor") ?? "";
  do {
    const page = await fetch({ pageSize: limit - rows.length, pageToken });
    rows.push(...page.rows);
    pageToken = page.next;
    // It is printed as a part of the next command, for somebody to run.
    if (!/^[\w-]{0,400}$/.test(pageToken)) {
      throw new CommandError("failure", "the hub says where to go on in a way that no hub does");
    }
    // A hub that says that there is more and gives nothing would be asked for ever.
    if (page.rows.length === 0) break;
  } while (pageToken !== "" && rows.length < limit);
  return { rows, next: pageToken };
}
