import { type Action, CLOCK_STEPS, type PageState } from "./actions.ts";
import { DEFAULTS, idleReason, type Settings } from "./settings.ts";

/** A server of the fleet. */
export type ServerName = "A" | "B";

/** The options of a server that are plain data, by their names in `TlsContextOptions`. */
export interface ServerOptions {
  readonly maxVersion?: "TLSv1.2";
  readonly tickets?: "stateless" | "off";
  readonly singleUse?: true;
  readonly maxEarlyData?: number;
  readonly configure?: readonly (readonly [string, string])[];
  readonly clientAuth?: "require";
  readonly lookupTimeout?: number;
}

/** A fault of a store, as `FaultyStore` takes it. */
export interface StoreFaultPlan {
  readonly on: readonly ("get" | "set" | "take")[];
  readonly fault:
    | { readonly kind: "latency"; readonly ms: number }
    | { readonly kind: "error" | "never" | "lost-write" }
    | { readonly kind: "corrupt"; readonly at: number; readonly xor: number };
}

/** A server as it is while some settings hold. */
export interface ServerPlan {
  readonly name: ServerName;
  readonly options: ServerOptions;
  /** Whether it has the fleet's store. */
  readonly hasStore: boolean;
  /** Whether it has the fleet's ticket keys. */
  readonly sharesKeys: boolean;
  readonly faults: readonly StoreFaultPlan[];
}

/** A fault of the network. */
export interface ChangedByte {
  readonly direction: "toServer" | "toClient";
  readonly message: number;
  readonly byte: number;
}

/** A connection. */
export interface ConnectPlan {
  readonly type: "connect";
  /** From 1. */
  readonly number: number;
  readonly server: ServerPlan;
  readonly hostname: string;
  /** Whether the client proposes its newest session. */
  readonly resumes: boolean;
  /** Whether the client sends early data, if its session allows any. */
  readonly sendsEarlyData: boolean;
  readonly hasClientCertificate: boolean;
  readonly changedByte: ChangedByte | null;
  /** The connection whose bytes are sent in place of the client's. */
  readonly replays: number | null;
}

/** A step of a page. */
export type Step = ConnectPlan | {
  readonly type: "advance";
  readonly ms: number;
};

/** The one-way delay of the network, in milliseconds. */
export const DELAY_MS = 20;
/** How long a look-up may take where the store never answers, in milliseconds. */
const LOOKUP_TIMEOUT_MS = 100;
/** What a client sends early. */
export const EARLY_REQUEST = "GET / HTTP/1.1\r\n\r\n";
/** The most early data that servers take, in bytes. */
const MAX_EARLY_DATA = 1024;

/** What actions do, step by step: the same for the page and for the code that it shows. */
export function planOf({ actions }: Pick<PageState, "actions">): Step[] {
  const steps: Step[] = [];
  let settings: Settings = DEFAULTS;
  let last: ServerName = "B";
  let number = 0;
  for (const action of actions) {
    if (action.type === "set") {
      settings = { ...settings, [action.name]: action.value };
    } else if (action.type === "clock") {
      steps.push({ type: "advance", ms: CLOCK_STEPS[action.step].ms });
    } else {
      // There is nothing to replay or to resume before the first connection.
      const type = number === 0 ? "connect" : action.type;
      last = type === "connect" || last === "B" ? "A" : "B";
      steps.push(connection(type, ++number, last, settings));
    }
  }
  return steps;
}

function connection(
  type: Exclude<Action["type"], "set" | "clock">,
  number: number,
  server: ServerName,
  settings: Settings,
): ConnectPlan {
  const isActive = (name: "early" | "retry"): boolean =>
    settings[name] === "on" && idleReason(name, settings) === null;
  return {
    type: "connect",
    number,
    server: serverOf(server, settings),
    hostname: settings.host,
    resumes: type === "again",
    sendsEarlyData: type === "again" && isActive("early"),
    hasClientCertificate: settings.auth === "shown",
    changedByte: CHANGED_BYTES[settings.byte],
    replays: type === "replay" ? number - 1 : null,
  };
}

/** A server under some settings. */
function serverOf(name: ServerName, settings: Settings): ServerPlan {
  const { version, tickets, latency, once, early, retry, auth } = settings;
  const isActive = (setting: "once" | "early" | "retry" | "latency"): boolean =>
    idleReason(setting, settings) === null;
  return {
    name,
    hasStore: tickets === "stateful",
    sharesKeys: tickets === "stateless",
    faults: faultsOf(settings),
    options: {
      ...(version === "1.2" && { maxVersion: "TLSv1.2" }),
      ...(tickets === "off" && { tickets }),
      ...(tickets === "own-keys" && { tickets: "stateless" }),
      ...(tickets === "stateless" && { tickets }),
      ...(once === "on" && isActive("once") && { singleUse: true }),
      ...(early === "on" && isActive("early") &&
        { maxEarlyData: MAX_EARLY_DATA }),
      ...(retry === "on" && isActive("retry") &&
        { configure: [["Groups", "P-384:P-256"]] as const }),
      ...(auth !== "none" && { clientAuth: "require" }),
      ...(latency === "never" && isActive("latency") && {
        lookupTimeout: LOOKUP_TIMEOUT_MS,
      }),
    },
  };
}

function faultsOf(settings: Settings): StoreFaultPlan[] {
  const { latency, failure } = settings;
  if (idleReason("latency", settings) !== null) return [];
  const reads = ["get", "take"] as const;
  const faults: StoreFaultPlan[] = [];
  if (latency === "40") {
    faults.push({
      on: ["get", "take", "set"],
      fault: { kind: "latency", ms: Number(latency) },
    });
  }
  if (latency === "never") faults.push({ on: reads, fault: { kind: "never" } });
  if (failure === "lost-write") {
    faults.push({ on: ["set"], fault: { kind: failure } });
  } else if (failure === "corrupt") {
    faults.push({ on: reads, fault: { kind: failure, at: 100, xor: 1 } });
  } else if (failure !== "none") {
    faults.push({ on: reads, fault: { kind: failure } });
  }
  return faults;
}

/** Bytes behind the headers of the record and of the message: in the random, or in ciphertext. */
const CHANGED_BYTES: Readonly<Record<Settings["byte"], ChangedByte | null>> = {
  "none": null,
  "client-hello": { direction: "toServer", message: 0, byte: 20 },
  "server-hello": { direction: "toClient", message: 0, byte: 20 },
  "server-second": { direction: "toClient", message: 1, byte: 20 },
};
