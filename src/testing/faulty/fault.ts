import { received } from "../../internal/received.ts";
import { NO_OPTIONS } from "../../internal/own_options.ts";
import type { FaultCondition, PlannedFault, StoreFault } from "./plan.ts";
import { checkKeys } from "../_option_path.ts";
import { STORE_METHODS, type StoreMethod } from "../_store_calls.ts";
import { type Seed, seededEntropy, textOf } from "../entropy.ts";

const LOOKUPS: readonly StoreMethod[] = ["get", "take"];

/** Which methods can have which fault. */
const METHODS: Readonly<Record<StoreFault["kind"], readonly StoreMethod[]>> = {
  "latency": STORE_METHODS,
  "error": STORE_METHODS,
  "throws-sync": STORE_METHODS,
  "never": STORE_METHODS,
  "lost-write": ["set", "delete", "revoke", "purge"],
  "stale-read": LOOKUPS,
  "expired": LOOKUPS,
  "wrong-record": LOOKUPS,
  "duplicate": ["take"],
  "corrupt": ["get", "take", "set"],
};

/** What else faults have. */
const FIELDS: Partial<
  Record<StoreFault["kind"], Readonly<Record<string, true>>>
> = {
  "latency": { ms: true },
  "error": { error: true, takesEffect: true },
  "throws-sync": { error: true },
  "corrupt": { at: true, xor: true },
};

const CONDITION_NAMES: Readonly<Record<keyof FaultCondition, true>> = {
  calls: true,
  from: true,
  id: true,
  probability: true,
  until: true,
};

/** A planned fault that counts the calls it could befall. */
export class ArmedFault {
  readonly fault: StoreFault;
  readonly #methods: readonly StoreMethod[];
  readonly #probability: number;
  readonly #id: string | undefined;
  readonly #calls: readonly number[] | undefined;
  readonly #from: number;
  readonly #until: number;
  readonly #entropy: (out: Uint8Array<ArrayBuffer>) => void;
  #count = 0;

  /** The fault number `index` of a plan with this seed. */
  constructor(
    planned: PlannedFault,
    seed: Seed,
    index: number,
  ) {
    const path = `options.faults[${index}]`;
    checkKeys(planned, { on: true, when: true, fault: true }, path);
    const { on, when = NO_OPTIONS, fault } = planned;
    this.#methods = [on].flat();
    checkFault(fault, this.#methods);
    const fields = Object.hasOwn(FIELDS, fault.kind) ? FIELDS[fault.kind] : {};
    checkKeys(fault, { kind: true, ...fields }, `${path}.fault`);
    checkKeys(when, CONDITION_NAMES, `${path}.when`);
    checkCondition(when);
    this.fault = { ...fault };
    this.#probability = when.probability ?? 1;
    this.#id = when.id?.join();
    this.#calls = when.calls === undefined ? undefined : [when.calls].flat();
    this.#from = instant("from", when.from ?? -Infinity);
    this.#until = instant("until", when.until ?? Infinity);
    // A stream of its own: a fault that is added changes nothing for the others.
    this.#entropy = seededEntropy(`${textOf(seed)}/${index}`);
  }

  /** Whether a call has this fault; counts it. */
  befalls(
    method: StoreMethod,
    id: Uint8Array | undefined,
    now: number,
  ): boolean {
    if (!this.#methods.includes(method)) return false;
    if (this.#id !== undefined && this.#id !== id?.join()) return false;
    this.#count++;
    if (this.#calls?.includes(this.#count) === false) return false;
    if (now < this.#from || now >= this.#until) return false;
    return this.draw() < this.#probability;
  }

  /** A number from 0 to 1, without 1, that the seed decides. */
  draw(): number {
    const word = new Uint8Array(4);
    this.#entropy(word);
    return new DataView(word.buffer).getUint32(0) / 2 ** 32;
  }
}

function checkFault(fault: StoreFault, methods: readonly StoreMethod[]): void {
  const possible = Object.hasOwn(METHODS, fault?.kind)
    ? METHODS[fault.kind]
    : undefined;
  if (possible === undefined) {
    throw new TypeError(
      `Cannot plan the fault: kind must be one of ${
        Object.keys(METHODS).join(", ")
      }, received ${received(fault?.kind)}`,
    );
  }
  for (const method of methods) {
    if (possible.includes(method)) continue;
    throw new TypeError(
      `Cannot plan the fault: "${fault.kind}" is for ${
        possible.join(", ")
      }, received on: ${String(method)}`,
    );
  }
  if (fault.kind === "latency") checkNumber("ms", fault.ms, 0, Infinity);
  if (fault.kind === "corrupt") {
    checkWhole("at", fault.at ?? 0, -Infinity, Infinity);
    checkWhole("xor", fault.xor ?? 1, 1, 255);
  }
}

function checkCondition({ id, calls, probability }: FaultCondition): void {
  if (id !== undefined && !(id instanceof Uint8Array)) {
    throw new TypeError(
      `Cannot plan the fault: id must be a Uint8Array, received ${typeof id}`,
    );
  }
  for (const call of [calls ?? 1].flat()) {
    checkWhole("calls", call, 1, Infinity);
  }
  checkNumber("probability", probability ?? 0, 0, 1);
}

function checkWhole(
  name: string,
  value: number,
  least: number,
  most: number,
): void {
  checkNumber(name, value, least, most);
  if (Number.isSafeInteger(value)) return;
  throw new RangeError(
    `Cannot plan the fault: ${name} must be a whole number, received ${
      received(value)
    }`,
  );
}

function checkNumber(
  name: string,
  value: number,
  least: number,
  most: number,
): void {
  if (typeof value !== "number") {
    throw new TypeError(
      `Cannot plan the fault: ${name} must be a number, received ${typeof value}`,
    );
  }
  if (value >= least && value <= most && Math.abs(value) < Infinity) return;
  const range = most < Infinity ? `${least} to ${most}` : `at least ${least}`;
  throw new RangeError(
    `Cannot plan the fault: ${name} must be ${range}, received ${
      received(value)
    }`,
  );
}

function instant(name: string, time: Date | number): number {
  // A date of another realm is a date too.
  const ms = typeof time === "object" ? time?.getTime?.() : time;
  if (typeof ms === "number" && !Number.isNaN(ms)) return ms;
  throw new TypeError(
    `Cannot plan the fault: ${name} must be a valid date or a number of milliseconds, received ${
      String(time)
    }`,
  );
}
