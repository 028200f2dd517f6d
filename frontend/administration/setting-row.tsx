import { type Setting, SettingSource } from "@leapmux/proto/hub/v1/admin_settings_pb.ts";
import { createSignal, createUniqueId, For, Match, Show, Switch } from "solid-js";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import { choicesOf, describeRange, describeSource, titleOfSetting } from "./describe-setting.ts";

interface SettingRowProps {
  setting: Setting;
  nowMs: number;
  /** What was typed and is not saved. */
  draft: string | undefined;
  /** What the hub says is wrong with it, or who changed it meanwhile. */
  message: { readonly text: string; readonly isConflict: boolean } | undefined;
  busy: boolean;
  edit(text: string): void;
  drop(): void;
  reset(): void;
}

/** One setting: what it means and why it is so at the left, its value at the right. */
export function SettingRow(props: SettingRowProps) {
  const id = createUniqueId();
  const [isAsked, setAsked] = createSignal(false);
  const setting = () => props.setting;
  const value = () => props.draft ?? setting().value;
  const isPinned = () => setting().source === SettingSource.PINNED;
  const isStored = () => setting().source === SettingSource.DATABASE;
  const title = () => titleOfSetting(setting().name);
  const attributes = () => ({
    id,
    disabled: isPinned(),
    "aria-describedby": `${id}-text ${id}-state`,
    "aria-invalid": props.message && !props.message.isConflict ? ("true" as const) : undefined,
  });
  const facts = () =>
    [describeRange(setting()), describeSource(setting())].filter((fact) => fact !== "");

  return (
    <li class="setting-row">
      <div class="setting-text">
        <div class="setting-title">
          <label for={id}>{title()}</label>
          <Show when={props.draft !== undefined}>
            <Badge tone="accent">not saved</Badge>
          </Show>
          <Show when={isPinned()}>
            <Badge>pinned</Badge>
          </Show>
          <Show when={setting().unreadable}>
            <Badge tone="warn">not readable</Badge>
          </Show>
        </div>
        <p id={`${id}-text`}>{setting().sentence}.</p>
        <p class="field-hint" id={`${id}-state`}>
          <code>{setting().name}</code>
          <For each={facts()}>{(fact) => <> · {fact}</>}</For>
          <Show when={!setting().hot}> · from the next start on</Show>
          <Show when={isStored() && setting().changedAtMs > 0n}>
            {" · "}
            <time title={exactTime(Number(setting().changedAtMs))}>
              changed{" "}
              {relativeTime(Math.min(Number(setting().changedAtMs), props.nowMs), props.nowMs)}
            </time>
            <Show when={setting().changedBy}> by {setting().changedBy}</Show>
          </Show>
        </p>
      </div>
      <div class="setting-control">
        <Switch>
          <Match when={setting().kind === "switch"}>
            <select
              {...attributes()}
              class="field-input field-select"
              onChange={(event) => props.edit(event.currentTarget.value)}
            >
              <option value="true" selected={value() === "true"}>
                On
              </option>
              <option value="false" selected={value() !== "true"}>
                Off
              </option>
            </select>
          </Match>
          <Match when={setting().kind === "choice"}>
            <select
              {...attributes()}
              class="field-input field-select"
              onChange={(event) => props.edit(event.currentTarget.value)}
            >
              <For each={choicesOf(setting().range)}>
                {(choice) => (
                  <option value={choice} selected={value() === choice}>
                    {choice}
                  </option>
                )}
              </For>
            </select>
          </Match>
          <Match when={true}>
            <input
              {...attributes()}
              class="field-input"
              type={setting().secret ? "password" : "text"}
              inputmode={setting().kind === "number" ? "numeric" : undefined}
              autocomplete={setting().secret ? "new-password" : "off"}
              autocapitalize="none"
              spellcheck={false}
              maxLength={256}
              placeholder={placeholderOf(setting())}
              value={value()}
              onInput={(event) => props.edit(event.currentTarget.value)}
            />
          </Match>
        </Switch>
        <Show
          when={props.draft !== undefined}
          fallback={
            <Show when={isStored() && !isAsked()}>
              <Button
                variant="quiet"
                aria-label={`Reset ${title()}`}
                onClick={() => (setting().secret ? setAsked(true) : props.reset())}
              >
                Reset
              </Button>
            </Show>
          }
        >
          <Button variant="quiet" aria-label={`Discard ${title()}`} onClick={() => props.drop()}>
            Discard
          </Button>
        </Show>
      </div>
      <Show when={props.message}>
        {(message) => (
          <p
            class="setting-message"
            data-conflict={message().isConflict ? "" : undefined}
            role="alert"
          >
            {message().text}
          </p>
        )}
      </Show>
      <Show when={isAsked() && isStored()}>
        <div class="setting-message account-form-row">
          <span>Nobody can read it back once it is gone.</span>
          <Button
            variant="danger"
            busy={props.busy}
            onClick={() => {
              setAsked(false);
              props.reset();
            }}
          >
            Forget it
          </Button>
          <Button variant="quiet" onClick={() => setAsked(false)}>
            Cancel
          </Button>
        </div>
      </Show>
    </li>
  );
}

function placeholderOf({ secret, isSet }: Setting): string {
  if (secret) return isSet ? "Set; type another one" : "Not set";
  return "Nothing";
}
