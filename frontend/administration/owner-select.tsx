import { createMemo, Show } from "solid-js";
import { Select } from "../ui/field.tsx";

/** Whose things a list shows. */
export function OwnerSelect(props: {
  usernames: ReadonlyMap<string, string>;
  value: string;
  select(userId: string): void;
}) {
  const options = createMemo(() => [
    { value: "", label: "Everybody" },
    ...[...props.usernames]
      .map(([value, label]) => ({ value, label }))
      .toSorted((a, b) => a.label.localeCompare(b.label)),
  ]);
  return (
    <div class="owner-select">
      {/* A select keeps the options that it was made with. */}
      <Show when={options()} keyed>
        {(now) => (
          <Select
            label="Whose"
            options={now}
            value={props.value}
            onChange={(event) => props.select(event.currentTarget.value)}
          />
        )}
      </Show>
    </div>
  );
}
