import { useApp } from "../app/use-app.ts";
import { Button } from "../ui/button.tsx";
import { Switch } from "../ui/check.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, Select } from "../ui/field.tsx";
import {
  defaultPreferences,
  leastFontSize,
  mostFontSize,
  type Preferences,
} from "./preferences.ts";
import "./preferences-dialog.css";

const themes: readonly { value: Preferences["theme"]; label: string }[] = [
  { value: "system", label: "As the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

/** Everything takes effect at once and stays in this browser. */
export function PreferencesDialog() {
  const app = useApp();
  const { preferences } = app;
  const { values } = preferences;

  return (
    <Dialog
      open
      title="Preferences"
      description={<span class="field-hint">Kept in this browser, applied at once.</span>}
      onClose={app.dialogs.close}
      footer={
        <>
          <Button variant="quiet" onClick={() => preferences.set(defaultPreferences)}>
            Back to the defaults
          </Button>
          <Button variant="primary" onClick={app.dialogs.close}>
            Done
          </Button>
        </>
      }
    >
      <Select
        label="Theme"
        options={themes}
        value={values.theme}
        onChange={(event) => {
          const theme = themes.find(({ value }) => value === event.currentTarget.value);
          if (theme) preferences.set({ theme: theme.value });
        }}
      />
      <Switch
        label="High contrast"
        hint="Stronger text and lines."
        checked={values.contrast === "high"}
        onChange={(high) => preferences.set({ contrast: high ? "high" : "system" })}
      />
      <h3 class="preferences-head">Terminal</h3>
      <div class="preferences-font">
        <Field
          label="Font"
          placeholder="JetBrains Mono"
          hint="The name of a font on this device."
          value={values.fontFamily}
          maxLength={128}
          spellcheck={false}
          autocomplete="off"
          onChange={(event) => preferences.set({ fontFamily: event.currentTarget.value.trim() })}
        />
        <Field
          label="Size in px"
          type="number"
          inputmode="numeric"
          min={leastFontSize}
          max={mostFontSize}
          value={values.fontSize}
          onChange={(event) => {
            const size = Math.round(Number(event.currentTarget.value));
            const fontSize = Math.max(
              leastFontSize,
              Math.min(size || defaultPreferences.fontSize, mostFontSize),
            );
            event.currentTarget.value = String(fontSize);
            preferences.set({ fontSize });
          }}
        />
      </div>
      <p
        class="preferences-sample"
        aria-hidden="true"
        style={{
          "font-family": preferences.fontFamily(),
          "font-size": `${values.fontSize}px`,
        }}
      >
        ~/code $ git status -sb → 0O 1lI
      </p>
      <Switch
        label="Screen-reader mode"
        hint="Terminals announce what programs print. Slower with much output."
        checked={values.screenReader}
        onChange={(screenReader) => preferences.set({ screenReader })}
      />
    </Dialog>
  );
}
