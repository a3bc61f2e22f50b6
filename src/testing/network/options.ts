import { received } from "../../internal/received.ts";
import { checkKeys } from "../_option_path.ts";
import type { NetworkFaults, NetworkOptions } from "../network.ts";

const NAMES: Readonly<Record<keyof NetworkOptions, true>> = {
  delay: true,
  fragment: true,
  toClient: true,
  toServer: true,
};
const FAULT_NAMES: Readonly<Record<keyof NetworkFaults, true>> = {
  corrupt: true,
  drop: true,
  replay: true,
  truncate: true,
};

/** Throws unless the options are of their types and in their ranges. */
export function checkNetworkOptions(options: NetworkOptions): void {
  checkKeys(options, NAMES, "network");
  const { delay, fragment, toServer, toClient } = options;
  if (
    delay !== undefined && typeof delay !== "number" &&
    typeof delay !== "function"
  ) {
    throw new TypeError(
      `network.delay must be a number or a function, received ${typeof delay}`,
    );
  }
  if (typeof delay === "number" && !(Number.isFinite(delay) && delay >= 0)) {
    throw new RangeError(
      `network.delay must be milliseconds from 0, received ${received(delay)}`,
    );
  }
  if (fragment !== undefined) checkWhole(fragment, "network.fragment", 1);
  if (toServer !== undefined) checkFaults(toServer, "network.toServer");
  if (toClient !== undefined) checkFaults(toClient, "network.toClient");
}

function checkFaults(faults: NetworkFaults, name: string): void {
  checkKeys(faults, FAULT_NAMES, name);
  const { corrupt, truncate, drop, replay } = faults;
  if (corrupt !== undefined) {
    checkKeys(corrupt, { at: true, xor: true }, `${name}.corrupt`);
    const { at, xor } = corrupt;
    if (typeof at === "object" && at !== null) {
      checkKeys(at, { message: true, byte: true }, `${name}.corrupt.at`);
      checkWhole(at.message, `${name}.corrupt.at.message`);
      if (at.byte !== undefined) {
        checkWhole(at.byte, `${name}.corrupt.at.byte`);
      }
    } else {
      checkWhole(at, `${name}.corrupt.at`);
    }
    if (xor !== undefined) checkWhole(xor, `${name}.corrupt.xor`, 1, 255);
  }
  if (truncate !== undefined) {
    checkKeys(truncate, { at: true }, `${name}.truncate`);
    checkWhole(truncate.at, `${name}.truncate.at`);
  }
  if (drop !== undefined) checkDrop(drop, `${name}.drop`);
  if (replay !== undefined) checkReplay(faults, name);
}

function checkDrop(drop: object, name: string): void {
  checkKeys(drop, { atByte: true, atMessage: true }, name);
  const [entry, ...more] = Object.entries(drop);
  if (!entry || more.length > 0) {
    throw new TypeError(`${name} must have either atByte or atMessage`);
  }
  checkWhole(entry[1], `${name}.${entry[0]}`);
}

function checkReplay(
  { corrupt, drop, replay }: NetworkFaults,
  name: string,
): void {
  if (
    !(replay?.toServer instanceof Uint8Array) ||
    !(replay.toClient instanceof Uint8Array)
  ) {
    throw new TypeError(
      `${name}.replay must be what network.captured gives, received ${typeof replay}`,
    );
  }
  if (typeof corrupt?.at === "object" || (drop && "atMessage" in drop)) {
    throw new TypeError(
      `${name}.replay can't be used with a handshake message: what is replayed has bytes alone`,
    );
  }
}

function checkWhole(
  value: unknown,
  name: string,
  min = 0,
  max: number = Number.MAX_SAFE_INTEGER,
): void {
  if (typeof value !== "number") {
    throw new TypeError(`${name} must be a number, received ${typeof value}`);
  }
  if (!Number.isInteger(value) || value < min || value > max) {
    const range = max === Number.MAX_SAFE_INTEGER
      ? `from ${min}`
      : `from ${min} to ${max}`;
    throw new RangeError(
      `${name} must be a whole number ${range}, received ${received(value)}`,
    );
  }
}
