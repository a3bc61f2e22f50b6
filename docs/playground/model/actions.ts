import {
  DEFAULTS,
  isChoice,
  SETTING_NAMES,
  type SettingName,
  type Settings,
} from "./settings.ts";

/** A step of the clock, by its name in links. */
export const CLOCK_STEPS = {
  "10min": { label: "10 minutes", ms: 600_000 },
  "3h": { label: "3 hours", ms: 3 * 3_600_000 },
  "2d": { label: "2 days", ms: 2 * 86_400_000 },
  "100d": { label: "100 days", ms: 100 * 86_400_000 },
} as const;

/** The name of a step of the clock. */
export type ClockStep = keyof typeof CLOCK_STEPS;

/** What a visitor does. All that the page shows follows from the seed and a list of these. */
export type Action =
  /** A new client, which has no session. */
  | { readonly type: "connect" }
  /** The client again, at the other server, with its newest session. */
  | { readonly type: "again" }
  /** The bytes that the last client sent, again, at the other server. */
  | { readonly type: "replay" }
  /** Moves the clock. */
  | { readonly type: "clock"; readonly step: ClockStep }
  /** Changes a setting for the connections that follow. */
  | {
    readonly type: "set";
    readonly name: SettingName;
    readonly value: string;
  };

/** What a link says. */
export interface PageState {
  /** The seed of all randomness. */
  readonly seed: string;
  /** What was done. */
  readonly actions: readonly Action[];
}

/** The most actions of a page. */
export const MAX_ACTIONS = 64;
const MAX_SEED_LENGTH = 64;

/** The fragment of a link to a page. */
export function linkOf({ seed, actions }: PageState): string {
  const run = actions.map((action) => {
    if (action.type === "set") return `${action.name}:${action.value}`;
    return action.type === "clock" ? `clock:${action.step}` : action.type;
  });
  const seedPart = `#seed=${encodeURIComponent(seed)}`;
  return run.length === 0 ? seedPart : `${seedPart}&run=${run.join(",")}`;
}

/**
 * What the fragment of a link says; `undefined` if it has no seed. It may come from anyone:
 * what isn't an action is left out.
 */
export function pageStateOf(fragment: string): PageState | undefined {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ""));
  const seed = parameters.get("seed")?.slice(0, MAX_SEED_LENGTH);
  if (!seed) return undefined;
  const actions = (parameters.get("run") ?? "").split(",")
    .slice(0, MAX_ACTIONS)
    .flatMap(actionOf);
  return { seed, actions };
}

/** The settings after some actions. */
export function settingsAfter(actions: readonly Action[]): Settings {
  let settings = DEFAULTS;
  for (const action of actions) {
    if (action.type === "set") {
      settings = { ...settings, [action.name]: action.value };
    }
  }
  return settings;
}

/** Adds an action. Of changes of one setting in a row the last stays. */
export function withAction(
  actions: readonly Action[],
  action: Action,
): readonly Action[] {
  if (action.type !== "set") return [...actions, action];
  const changes = trailingChanges(actions);
  const before = actions.slice(0, actions.length - changes.length);
  const others = changes.filter((change) =>
    change.type === "set" && change.name !== action.name
  );
  const isSame = settingsAfter(before)[action.name] === action.value;
  return [...before, ...others, ...(isSame ? [] : [action])];
}

/** The changes of settings at the end. */
function trailingChanges(actions: readonly Action[]): readonly Action[] {
  const last = actions.findLastIndex(({ type }) => type !== "set");
  return actions.slice(last + 1);
}

function actionOf(text: string): Action[] {
  if (text === "connect" || text === "again" || text === "replay") {
    return [{ type: text }];
  }
  const [name = "", value = ""] = text.split(":");
  if (name === "clock" && Object.hasOwn(CLOCK_STEPS, value)) {
    return [{ type: "clock", step: value as ClockStep }];
  }
  const setting = SETTING_NAMES.find((known) => known === name);
  if (setting === undefined || !isChoice(setting, value)) return [];
  return [{ type: "set", name: setting, value }];
}
