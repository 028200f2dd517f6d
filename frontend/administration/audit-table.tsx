import type { AuditEntry } from "@leapmux/proto/hub/v1/admin_audit_pb.ts";
import { For, Show } from "solid-js";
import { Badge, type Tone } from "../ui/badge.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import { describeAction, describeActor, describeDetail, describeTarget } from "./describe-audit.ts";

const tones: Readonly<Record<string, Tone>> = { refused: "warn", failed: "danger" };

/** A table where there is room, two lines an entry on a phone; both are a table to a screen reader. */
export function AuditTable(props: {
  entries: readonly AuditEntry[];
  usernames: ReadonlyMap<string, string>;
  nowMs: number;
  only(filter: { who?: string; action?: string; target?: string }): void;
}) {
  return (
    <table class="audit-table" role="table" aria-label="Entries of the audit log">
      <thead role="rowgroup">
        <tr role="row">
          <For each={["Time", "Who", "Action", "Target", "Result"]}>
            {(name) => (
              <th role="columnheader" scope="col">
                {name}
              </th>
            )}
          </For>
        </tr>
      </thead>
      <tbody role="rowgroup">
        <For each={props.entries}>
          {(entry) => {
            const atMs = Number(entry.atMs);
            const who = () => describeActor(entry, props.usernames);
            const target = () => describeTarget(entry, props.usernames);
            const detail = describeDetail(entry.detailJson);
            return (
              <tr role="row">
                <td role="cell" class="audit-time">
                  <time title={`${exactTime(atMs)}, entry ${entry.sequence}`}>
                    {relativeTime(Math.min(atMs, props.nowMs), props.nowMs)}
                  </time>
                </td>
                <td role="cell" class="audit-who" title={entry.actorId}>
                  <Show when={entry.actorId !== ""} fallback={who()}>
                    <button
                      type="button"
                      class="audit-only"
                      title={`Only of ${who()}`}
                      onClick={() => props.only({ who: who() })}
                    >
                      <bdi>{who()}</bdi>
                    </button>
                  </Show>
                  <Show when={entry.address !== ""}>
                    <span class="audit-more">{entry.address}</span>
                  </Show>
                </td>
                <td role="cell" class="audit-what">
                  <button
                    type="button"
                    class="audit-only"
                    title={`Only ${entry.action}`}
                    onClick={() => props.only({ action: entry.action })}
                  >
                    {describeAction(entry.action)}
                  </button>
                  <Show when={detail !== ""}>
                    <span class="audit-more">{detail}</span>
                  </Show>
                </td>
                <td role="cell" class="audit-target">
                  <Show when={entry.targetId !== ""} fallback={target()}>
                    <button
                      type="button"
                      class="audit-only"
                      title={`Only ${entry.targetId}`}
                      onClick={() => props.only({ target: entry.targetId })}
                    >
                      <bdi>{target()}</bdi>
                    </button>
                  </Show>
                </td>
                <td role="cell" class="audit-result">
                  <Show when={tones[entry.result]} fallback={entry.result}>
                    {(tone) => <Badge tone={tone()}>{entry.result}</Badge>}
                  </Show>
                </td>
              </tr>
            );
          }}
        </For>
      </tbody>
    </table>
  );
}
