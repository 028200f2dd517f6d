import Bell from "lucide-solid/icons/bell";
import CloudOff from "lucide-solid/icons/cloud-off";
import Pencil from "lucide-solid/icons/pencil";
import Plus from "lucide-solid/icons/plus";
import TriangleAlert from "lucide-solid/icons/triangle-alert";
import { createSignal, For, type JSX, Show } from "solid-js";
import { render } from "solid-js/web";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/fonts.css";
import { Badge, Dot } from "./badge.tsx";
import { Banner } from "./banner.tsx";
import { Button, IconButton } from "./button.tsx";
import { Check, Switch } from "./check.tsx";
import { CopyField } from "./copy-field.tsx";
import { DetailRow } from "./detail-row.tsx";
import { Notice } from "./notice.tsx";
import { PasswordField } from "./password-field.tsx";
import { QrCode } from "./qr-code.tsx";
import { SectionPanel, SectionTabs } from "./section-tabs.tsx";
import { Dialog } from "./dialog.tsx";
import { EmptyState } from "./empty-state.tsx";
import { Field, Select } from "./field.tsx";
import { InlineEdit } from "./inline-edit.tsx";
import { KeyCap } from "./key-cap.tsx";
import { ListRow } from "./list-row.tsx";
import { MenuHost, openMenu } from "./menu.tsx";
import { Popover } from "./popover.tsx";
import { Progress, Skeleton } from "./progress.tsx";
import { Sheet } from "./sheet.tsx";
import { panelElementId, Tabs } from "./tabs.tsx";
import { createToasts, ToastHost } from "./toast.tsx";
import { TooltipHost } from "./tooltip.tsx";
import { Words } from "./words.tsx";
import "./gallery.css";

/** Every part in every state, light beside dark. Only the development server knows this page. */
const toasts = createToasts();
const longName = "A name that goes on for much longer than anybody would like it to go on";

function Part(props: { name: string; children: JSX.Element }) {
  return (
    <section class="gallery-part">
      <h2>{props.name}</h2>
      <div class="gallery-row">{props.children}</div>
    </section>
  );
}

function Parts(props: { side: string }) {
  const [checked, setChecked] = createSignal(true);
  const [tab, setTab] = createSignal(`${props.side}-one`);
  const [section, setSection] = createSignal(`${props.side}-Profile`);
  return (
    <>
      <Part name="Button">
        <Button variant="primary">Primary</Button>
        <Button>Plain</Button>
        <Button variant="quiet">Quiet</Button>
        <Button variant="danger">Danger</Button>
        <Button variant="primary" icon={Plus} keys="Alt+Shift+T">
          With a key
        </Button>
        <Button disabled>Disabled</Button>
        <Button busy>Busy</Button>
        <IconButton label="Rename" icon={Pencil} keys="F2" />
        <IconButton label="Pressed" icon={Bell} pressed />
        <IconButton label="Disabled" icon={Bell} disabled />
      </Part>
      <Part name="Field, select">
        <Field label="Name" placeholder="My workspace" hint="1 to 128 characters." />
        <Field label="Name" value="" error="A name has at least one character." />
        <Field label="Disabled" value="Not now" disabled />
        <Select
          label="Theme"
          value="dark"
          options={[
            { value: "light", label: "Light" },
            { value: "dark", label: "Dark" },
          ]}
        />
        <InlineEdit
          label="Title"
          value="In place"
          maxLength={20}
          save={() => {}}
          cancel={() => {}}
        />
      </Part>
      <Part name="Check, switch">
        <Check label="Check" checked={checked()} onChange={setChecked} />
        <Check label="Disabled" checked disabled onChange={() => {}} />
        <Switch
          label="Switch"
          hint="Takes effect at once."
          checked={checked()}
          onChange={setChecked}
        />
        <Switch label="Disabled" checked={false} disabled onChange={() => {}} />
      </Part>
      <Part name="Badge, dot, key cap">
        <For each={["plain", "ok", "warn", "danger", "info", "accent"] as const}>
          {(tone) => (
            <>
              <Badge tone={tone}>{tone}</Badge>
              <Dot tone={tone} label={tone} />
            </>
          )}
        </For>
        <Dot tone="plain" hollow label="offline" />
        <KeyCap chord="Mod+Shift+P" />
      </Part>
      <Part name="List row">
        <div class="gallery-column">
          <ListRow href="#a" lead={<Dot tone="ok" />} label="Plain" trail="3" />
          <ListRow href="#b" current lead={<Dot tone="ok" />} label="Current" />
          <ListRow
            href="#c"
            lead={<Dot tone="plain" hollow />}
            label={longName}
            trail={<Badge>offline</Badge>}
            actions={<IconButton label="More" icon={Pencil} />}
          />
        </div>
      </Part>
      <Part name="Tabs">
        <Tabs
          class="gallery-row"
          label="Example"
          items={["one", "two", "three"].map((name) => `${props.side}-${name}`)}
          idOf={(item) => item}
          selected={tab()}
          select={setTab}
        >
          {(item, attributes) => (
            <button type="button" class="gallery-tab" {...attributes()}>
              {item}
            </button>
          )}
        </Tabs>
        <p role="tabpanel" id={panelElementId(tab())}>
          The panel of {tab()}.
        </p>
      </Part>
      <Part name="Progress, skeleton">
        <div class="gallery-column">
          <Progress label="Known" value={0.6} />
          <Progress label="Endless" />
          <Skeleton lines={3} />
        </div>
      </Part>
      <Part name="Banner">
        <div class="gallery-column">
          <Banner tone="danger" shape="strip" icon={TriangleAlert}>
            Anyone who can reach this address controls this machine.
          </Banner>
          <Banner tone="warn" shape="strip">
            Something to know.
          </Banner>
          <div class="gallery-stage">
            <Banner tone="plain" shape="float" icon={CloudOff} action={<Button>Try now</Button>}>
              The hub is away. Next try in 4 seconds.
            </Banner>
          </div>
        </div>
      </Part>
      <Part name="Notice">
        <div class="gallery-column">
          <For each={["plain", "ok", "warn", "danger", "info"] as const}>
            {(tone) => <Notice tone={tone}>What belongs to the form around it: {tone}.</Notice>}
          </For>
        </div>
      </Part>
      <Part name="Password, copy, QR code">
        <PasswordField label="Password" autocomplete="current-password" value="a secret" />
        <div class="gallery-column">
          <CopyField
            label="Link"
            value="https://hub.example/invite#lmi_AAAA"
            hint="It ends in 2 days."
          />
        </div>
        <QrCode text="otpauth://totp/LeapMux:ada?secret=ABCD" label="An example" />
      </Part>
      <Part name="Detail row">
        <div class="gallery-column">
          <ul class="detail-list">
            <DetailRow
              icon={Bell}
              title="Firefox on Linux"
              badges={<Badge tone="ok">this one</Badge>}
              details="192.0.2.7 · in use now"
            />
            <DetailRow
              icon={Bell}
              title={longName}
              details="Seen yesterday"
              actions={<Button variant="quiet">End</Button>}
            >
              What opened below.
            </DetailRow>
          </ul>
        </div>
      </Part>
      <Part name="Section tabs">
        <div class="gallery-column">
          <SectionTabs
            label="Parts"
            sections={["Profile", "Logins"].map((label) => ({
              id: `${props.side}-${label}`,
              label,
            }))}
            selected={section()}
            select={setSection}
          />
          <SectionPanel id={section()} selected={section()}>
            The panel of {section()}.
          </SectionPanel>
        </div>
      </Part>
      <Part name="Words">
        <Words label="Fingerprint" words={["reduce", "cloth", "eager", "easy"]} />
        <Words label="Actual" tone="danger" words={["olive", "canal", "worth", "absent"]} />
      </Part>
      <Part name="Empty state">
        <EmptyState icon={Plus} title="No terminal is open here" text="It runs on the worker.">
          <Button variant="primary" keys="Alt+Shift+T">
            New terminal
          </Button>
        </EmptyState>
      </Part>
    </>
  );
}

function Floating() {
  const [open, setOpen] = createSignal<"dialog" | "alert" | "sheet">();
  const [anchor, setAnchor] = createSignal<HTMLElement>();
  const close = () => setOpen(undefined);
  return (
    <Part name="Menu, dialog, sheet, popover, toast">
      <Button
        onClick={(event) =>
          openMenu({
            label: "Example",
            anchor: event.currentTarget,
            entries: [
              { kind: "item", label: "Rename", icon: Pencil, keys: "F2", select() {} },
              { kind: "item", label: "Checked", checked: true, select() {} },
              { kind: "item", label: "Disabled", disabled: true, select() {} },
              { kind: "separator" },
              { kind: "item", label: "Delete…", danger: true, select() {} },
            ],
          })
        }
      >
        Menu
      </Button>
      <Button onClick={() => setOpen("dialog")}>Dialog</Button>
      <Button onClick={() => setOpen("alert")}>Question</Button>
      <Button onClick={() => setOpen("sheet")}>Sheet</Button>
      <Button onClick={(event) => setAnchor(event.currentTarget)}>Popover</Button>
      <Button
        onClick={() =>
          toasts.show({ text: "The tab is closed.", action: { label: "Undo", run() {} } })
        }
      >
        Toast
      </Button>
      <Button onClick={() => toasts.show({ text: "It could not be renamed.", tone: "danger" })}>
        Failure
      </Button>
      <Show when={open() === "dialog"}>
        <Dialog open title="A dialog" description="What it is about." onClose={close}>
          <Field label="Name" />
        </Dialog>
      </Show>
      <Show when={open() === "alert"}>
        <Dialog
          open
          alert
          title="Delete “My workspace”?"
          description="Its terminal will be closed."
          onClose={close}
          footer={
            <>
              <Button onClick={close}>Cancel</Button>
              <Button variant="danger" onClick={close}>
                Delete
              </Button>
            </>
          }
        />
      </Show>
      <Show when={open() === "sheet"}>
        <Sheet open title="A sheet" onClose={close}>
          Reference beside the work.
        </Sheet>
      </Show>
      <Show when={anchor()} keyed>
        {(element) => (
          <Popover anchor={element} title="A popover" onClose={() => setAnchor(undefined)}>
            <p>Details of one small thing.</p>
          </Popover>
        )}
      </Show>
    </Part>
  );
}

function Gallery() {
  const [contrast, setContrast] = createSignal(false);
  return (
    <>
      <header class="gallery-head">
        <h1>Parts</h1>
        <Switch
          label="High contrast"
          checked={contrast()}
          onChange={(high) => {
            setContrast(high);
            if (high) document.documentElement.dataset["contrast"] = "high";
            else delete document.documentElement.dataset["contrast"];
          }}
        />
      </header>
      <main class="gallery">
        <For each={["dark", "light"]}>
          {(theme) => (
            <div class="gallery-side" data-side={theme}>
              <Parts side={theme} />
              <Floating />
            </div>
          )}
        </For>
      </main>
      <MenuHost />
      <ToastHost toasts={toasts} />
      <TooltipHost />
    </>
  );
}

const root = document.getElementById("gallery");
if (root) render(() => <Gallery />, root);
