/** What a visitor can choose: each setting with its choices, the first of which is the default. */

/** A choice of a setting. */
interface Choice {
  /** What it is called in links. */
  readonly value: string;
  /** What the page calls it. */
  readonly label: string;
}

/** A setting. */
export interface SettingSpec {
  /** What the page calls it. */
  readonly label: string;
  /** What it changes, in a sentence. */
  readonly help: string;
  /** Its choices. Two of them named "off" and "on" are a switch. */
  readonly choices: readonly Choice[];
}

const SWITCH: readonly Choice[] = [
  { value: "off", label: "Off" },
  { value: "on", label: "On" },
];

/** All settings, in the order of the page and of links. */
export const SETTINGS = {
  version: {
    label: "Version",
    help: "The highest version that the servers speak (maxVersion).",
    choices: [
      { value: "1.3", label: "TLS 1.3" },
      { value: "1.2", label: "TLS 1.2" },
    ],
  },
  tickets: {
    label: "Tickets",
    help:
      "Stateful: the ticket is an id, and the session is in the store. Stateless: the session is in the ticket, encrypted with a ticket key.",
    choices: [
      { value: "stateful", label: "Stateful, in the store" },
      { value: "stateless", label: "Stateless, shared keys" },
      { value: "own-keys", label: "Stateless, a key per server" },
      { value: "off", label: "Off: no resumption" },
    ],
  },
  latency: {
    label: "Store latency",
    help:
      "How long each call of the store takes. A look-up may take as long as lookupTimeout, here 100 ms.",
    choices: [
      { value: "none", label: "None" },
      { value: "40", label: "40 ms" },
      { value: "never", label: "Never answers" },
    ],
  },
  failure: {
    label: "Store failure",
    help: "A fault of the store, injected by FaultyStore.",
    choices: [
      { value: "none", label: "None" },
      { value: "error", label: "Look-ups fail" },
      { value: "corrupt", label: "A byte of the record is damaged" },
      { value: "lost-write", label: "Writes are lost" },
    ],
  },
  once: {
    label: "Single use",
    help:
      "A look-up takes the session out of the store, so that it is resumed once (singleUse, TLS 1.3).",
    choices: SWITCH,
  },
  early: {
    label: "Early data (0-RTT)",
    help:
      "The client sends a request with its hello. Needs single use; only sessions that were made with it allow it.",
    choices: SWITCH,
  },
  retry: {
    label: "HelloRetryRequest",
    help:
      "The servers take P-384 for the key exchange, for which the client's first hello has no key share.",
    choices: SWITCH,
  },
  auth: {
    label: "Client certificate",
    help:
      "Whether the servers ask for one (clientAuth), and the client has one.",
    choices: [
      { value: "none", label: "Not requested" },
      { value: "shown", label: "Required, shown" },
      { value: "missing", label: "Required, missing" },
    ],
  },
  host: {
    label: "Virtual host",
    help:
      "The server name that the client asks for. One certificate is valid for both; sessions are bound to one.",
    choices: [
      { value: "shop.example", label: "shop.example" },
      { value: "mail.example", label: "mail.example" },
    ],
  },
  byte: {
    label: "Changed byte",
    help: "The network flips a bit of one byte of a message.",
    choices: [
      { value: "none", label: "None" },
      { value: "client-hello", label: "In the ClientHello" },
      { value: "server-hello", label: "In the ServerHello" },
      { value: "server-second", label: "In the server's second message" },
    ],
  },
} as const satisfies Readonly<Record<string, SettingSpec>>;

/** The name of a setting. */
export type SettingName = keyof typeof SETTINGS;

/** A value of each setting. */
export type Settings = {
  readonly [Name in SettingName]:
    (typeof SETTINGS)[Name]["choices"][number]["value"];
};

/** The names of all settings. */
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** The settings of a page that nobody has touched. */
export const DEFAULTS = Object.fromEntries(
  SETTING_NAMES.map((name) => [name, SETTINGS[name].choices[0].value]),
) as Settings;

/** Whether a setting has a choice of this name. */
export function isChoice(name: SettingName, value: string): boolean {
  return SETTINGS[name].choices.some((choice) => choice.value === value);
}

/** Why a setting has no effect beside the others; `null` if it has one. */
export function idleReason(
  name: SettingName,
  settings: Settings,
): string | null {
  const { tickets, version, once } = settings;
  switch (name) {
    case "latency":
    case "failure":
      return tickets === "stateful"
        ? null
        : "No store without stateful tickets";
    case "once":
      if (tickets !== "stateful") return "No store without stateful tickets";
      return version === "1.3" ? null : "Sessions of TLS 1.3 only";
    case "early":
      if (idleReason("once", settings) !== null) {
        return idleReason("once", settings);
      }
      return once === "on" ? null : "Needs single use";
    case "retry":
      return version === "1.3" ? null : "TLS 1.3 only";
    default:
      return null;
  }
}
