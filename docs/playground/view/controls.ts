/// <reference lib="dom" />
import {
  idleReason,
  type SettingName,
  SETTINGS,
  type Settings,
  type SettingSpec,
} from "../model/settings.ts";
import { h } from "./dom.ts";

/** The settings by topic. */
const TOPICS: readonly (readonly [string, readonly SettingName[]])[] = [
  ["Protocol", ["version", "retry", "auth", "host"]],
  ["Sessions", ["tickets", "once", "early"]],
  ["Store", ["latency", "failure"]],
  ["Network", ["byte"]],
];

/** A control of a setting. */
interface Control {
  readonly input: HTMLInputElement | HTMLSelectElement;
  readonly help: HTMLElement;
}

/** The controls of all settings. */
export class Controls {
  /** The fieldsets. */
  readonly elements: readonly HTMLElement[];
  readonly #controls = new Map<SettingName, Control>();

  /** Creates the controls. `onChange` gets what the visitor chooses. */
  constructor(onChange: (name: SettingName, value: string) => void) {
    this.elements = TOPICS.map(([topic, names]) =>
      h(
        "fieldset",
        {},
        h("legend", {}, topic),
        ...names.map((name) => this.#control(name, onChange)),
      )
    );
  }

  /** Shows settings. */
  show(settings: Settings): void {
    for (const [name, { input, help }] of this.#controls) {
      const value = settings[name];
      if ("checked" in input) input.checked = value === "on";
      else input.value = value;
      const reason = idleReason(name, settings);
      input.disabled = reason !== null;
      help.textContent = reason === null
        ? SETTINGS[name].help
        : `No effect: ${lowered(reason)}.`;
    }
  }

  #control(
    name: SettingName,
    onChange: (name: SettingName, value: string) => void,
  ): HTMLElement {
    const spec: SettingSpec = SETTINGS[name];
    const id = `setting-${name}`;
    const help = h("p", { class: "help", id: `${id}-help` });
    const isSwitch = spec.choices[1]?.value === "on";
    const input = isSwitch
      ? switchOf(id, help.id, (value) => onChange(name, value))
      : selectOf(id, help.id, spec, (value) => onChange(name, value));
    this.#controls.set(name, { input, help });
    return h(
      "div",
      { class: isSwitch ? "setting switch" : "setting" },
      h("label", { for: id }, spec.label),
      input,
      help,
    );
  }
}

function switchOf(
  id: string,
  help: string,
  onChange: (value: string) => void,
): HTMLInputElement {
  const input = h("input", {
    id,
    type: "checkbox",
    role: "switch",
    "aria-describedby": help,
    onchange: () => onChange(input.checked ? "on" : "off"),
  });
  return input;
}

function selectOf(
  id: string,
  help: string,
  { choices }: SettingSpec,
  onChange: (value: string) => void,
): HTMLSelectElement {
  const select = h(
    "select",
    {
      id,
      "aria-describedby": help,
      onchange: () => onChange(select.value),
    },
    ...choices.map(({ value, label }) => h("option", { value }, label)),
  );
  return select;
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
