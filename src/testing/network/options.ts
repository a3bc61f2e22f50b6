import { ownOptions } from "../../internal/own_options.ts";
import { checkedInteger } from "../../internal/option_checks.ts";
import {
  type OptionPath,
  optionRangeError,
  optionTypeError,
} from "../../internal/option_error.ts";
import { received } from "../../internal/received.ts";
import type { NetworkFaults, NetworkOptions } from "./types.ts";

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

/** A copy of the options, if they are of their types and in their ranges. */
export function checkedNetworkOptions(options: NetworkOptions): NetworkOptions {
  const own = ownOptions(options, NAMES, { of: "Network" });
  const { delay, fragment, toServer, toClient } = own;
  if (
    delay !== undefined && typeof delay !== "number" &&
    typeof delay !== "function"
  ) {
    throw optionTypeError(
      "delay",
      `must be a number or a function, received ${received(delay)}`,
    );
  }
  if (typeof delay === "number" && !(Number.isFinite(delay) && delay >= 0)) {
    throw optionRangeError(
      "delay",
      `must be a finite number of at least 0, received ${received(delay)}`,
    );
  }
  if (fragment !== undefined) checkedInteger(fragment, "fragment", { min: 1 });
  if (toServer !== undefined) checkFaults(toServer, ["toServer"]);
  if (toClient !== undefined) checkFaults(toClient, ["toClient"]);
  return own;
}

function checkFaults(faults: NetworkFaults, path: OptionPath): void {
  ownOptions(faults, FAULT_NAMES, { of: "a direction", path });
  const { corrupt, truncate, drop, replay } = faults;
  if (corrupt !== undefined) checkCorrupt(corrupt, [...path, "corrupt"]);
  if (truncate !== undefined) {
    ownOptions(truncate, { at: true }, {
      of: "truncate",
      path: [...path, "truncate"],
    });
    checkedInteger(truncate.at, [...path, "truncate", "at"], { min: 0 });
  }
  if (drop !== undefined) checkDrop(drop, [...path, "drop"]);
  if (replay !== undefined) checkReplay(faults, [...path, "replay"]);
}

function checkCorrupt(
  corrupt: NonNullable<NetworkFaults["corrupt"]>,
  path: OptionPath,
): void {
  ownOptions(corrupt, { at: true, xor: true }, { of: "corrupt", path });
  const { at, xor } = corrupt;
  if (typeof at === "object" && at !== null) {
    const of = "a MessagePosition";
    ownOptions(at, { message: true, byte: true }, {
      of,
      path: [...path, "at"],
    });
    checkedInteger(at.message, [...path, "at", "message"], { min: 0 });
    if (at.byte !== undefined) {
      checkedInteger(at.byte, [...path, "at", "byte"], { min: 0 });
    }
  } else {
    checkedInteger(at, [...path, "at"], { min: 0 });
  }
  if (xor !== undefined) {
    checkedInteger(xor, [...path, "xor"], { min: 1, max: 255 });
  }
}

function checkDrop(
  drop: NonNullable<NetworkFaults["drop"]>,
  path: OptionPath,
): void {
  ownOptions<object>(drop, { atByte: true, atMessage: true }, {
    of: "drop",
    path,
  });
  const [entry, ...more] = Object.entries(drop);
  if (!entry || more.length > 0) {
    throw optionTypeError(path, "must have either atByte or atMessage");
  }
  checkedInteger(entry[1], [...path, entry[0]], { min: 0 });
}

function checkReplay(
  { corrupt, drop, replay }: NetworkFaults,
  path: OptionPath,
): void {
  if (
    !(replay?.toServer instanceof Uint8Array) ||
    !(replay.toClient instanceof Uint8Array)
  ) {
    throw optionTypeError(
      path,
      `must be a Capture, such as network.captured, received ${
        received(replay)
      }`,
    );
  }
  if (typeof corrupt?.at === "object" || (drop && "atMessage" in drop)) {
    throw optionTypeError(
      path,
      "can't be combined with the position of a handshake message: replayed bytes have no messages",
    );
  }
}
