import { checkedInteger } from "../../internal/option_checks.ts";
import {
  type OptionPath,
  optionRangeError,
  optionTypeError,
  withOptionPath,
} from "../../internal/option_error.ts";
import { received } from "../../internal/received.ts";
import { NO_OPTIONS, ownOptions } from "../../internal/own_options.ts";
import type { FaultCondition, PlannedFault, StoreFault } from "./plan.ts";
import { STORE_METHODS, type StoreMethod } from "../_store_calls.ts";
import { type Seed, seededEntropy, seedOption } from "../entropy.ts";

const LOOKUPS: readonly StoreMethod[] = ["get", "take"];

/** The methods that each kind of fault applies to. */
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

/** The other properties of each kind of fault. */
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

/** A planned fault, which counts the calls that may have it. */
export class ActiveFault {
  readonly fault: StoreFault;
  readonly #methods: readonly StoreMethod[];
  readonly #probability: number;
  readonly #id: string | undefined;
  readonly #calls: readonly number[] | undefined;
  readonly #from: number;
  readonly #until: number;
  readonly #entropy: (out: Uint8Array<ArrayBuffer>) => void;
  #count = 0;

  /** Creates the fault at `index` of a list with this seed. */
  constructor(
    planned: PlannedFault,
    seed: Seed,
    index: number,
  ) {
    const { on, when = NO_OPTIONS, fault } = withOptionPath(
      ["faults", index],
      () => checkedFault(planned),
    );
    this.#methods = [on].flat();
    this.fault = { ...fault };
    this.#probability = when.probability ?? 1;
    this.#id = when.id?.join();
    this.#calls = when.calls === undefined ? undefined : [when.calls].flat();
    [this.#from, this.#until] = withOptionPath(["faults", index], () => [
      instant("from", when.from ?? -Infinity),
      instant("until", when.until ?? Infinity),
    ]);
    // Each fault has a stream of its own, so that adding one doesn't change the others.
    this.#entropy = seededEntropy(`${seedOption(seed)}/${index}`);
  }

  /** Whether the fault applies to a call, which it counts. */
  appliesTo(
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

  /** A pseudorandom number from 0 to 1, without 1. */
  draw(): number {
    const word = new Uint8Array(4);
    this.#entropy(word);
    return new DataView(word.buffer).getUint32(0) / 2 ** 32;
  }
}

function checkedFault(planned: PlannedFault): PlannedFault {
  const own = ownOptions(
    planned,
    { on: true, when: true, fault: true },
    { of: "a fault" },
  );
  const { on, when = NO_OPTIONS, fault } = own;
  checkFault(fault, [on].flat());
  checkCondition(when);
  return own;
}

function checkFault(fault: StoreFault, methods: readonly StoreMethod[]): void {
  const possible = Object.hasOwn(METHODS, fault?.kind)
    ? METHODS[fault.kind]
    : undefined;
  if (possible === undefined) {
    throw optionTypeError(
      ["fault", "kind"],
      `must be one of ${Object.keys(METHODS).join(", ")}, received ${
        received(fault?.kind)
      }`,
    );
  }
  for (const method of methods) {
    if (possible.includes(method)) continue;
    throw optionTypeError(
      "on",
      `must be one of ${
        possible.join(", ")
      } for a fault of kind "${fault.kind}", received ${received(method)}`,
    );
  }
  const fields = Object.hasOwn(FIELDS, fault.kind) ? FIELDS[fault.kind] : {};
  ownOptions<object>(fault, { kind: true, ...fields }, {
    of: `a fault of kind "${fault.kind}"`,
    path: ["fault"],
  });
  if (fault.kind === "latency") checkNumber(fault.ms, ["fault", "ms"]);
  if (fault.kind === "corrupt") {
    const { at = 0, xor = 1 } = fault;
    checkedInteger(at, ["fault", "at"], { min: Number.MIN_SAFE_INTEGER });
    checkedInteger(xor, ["fault", "xor"], { min: 1, max: 255 });
  }
}

function checkCondition(condition: FaultCondition): void {
  ownOptions(condition, CONDITION_NAMES, {
    of: "a condition",
    path: ["when"],
  });
  const { id, calls, probability } = condition;
  if (id !== undefined && !(id instanceof Uint8Array)) {
    throw optionTypeError(
      ["when", "id"],
      `must be a Uint8Array, received ${received(id)}`,
    );
  }
  for (const call of [calls ?? 1].flat()) {
    checkedInteger(call, ["when", "calls"], { min: 1 });
  }
  if (probability !== undefined) {
    checkNumber(probability, ["when", "probability"], 1);
  }
}

function checkNumber(value: number, path: OptionPath, max?: number): void {
  if (typeof value !== "number") {
    throw optionTypeError(
      path,
      `must be a number, received ${received(value)}`,
    );
  }
  if (Number.isFinite(value) && value >= 0 && value <= (max ?? value)) return;
  throw optionRangeError(
    path,
    `must be a finite number ${
      max === undefined ? "of at least 0" : `from 0 to ${max}`
    }, received ${received(value)}`,
  );
}

function instant(
  name: "from" | "until",
  time: Date | number,
): number {
  // Accepts dates of another realm.
  const ms = typeof time === "object" ? time?.getTime?.() : time;
  if (typeof ms === "number" && !Number.isNaN(ms)) return ms;
  throw optionTypeError(
    ["when", name],
    `must be a valid Date or a number of milliseconds, received ${
      received(time)
    }`,
  );
}
