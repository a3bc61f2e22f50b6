import {
  optionRangeError,
  optionTypeError,
} from "../../internal/option_error.ts";
import { received } from "../../internal/received.ts";

const MAX_NAME_BYTES = 255;

/**
 * Encodes protocol names as RFC 7301, section 3.1, does: each after a byte with its length.
 *
 * @throws {TypeError} If `names` is not an array, or a name isn't a string.
 * @throws {RangeError} If a name isn't 1 to 255 characters of one byte.
 */
export function toAlpnList(names: readonly string[]): Uint8Array {
  if (!Array.isArray(names)) {
    throw optionTypeError(
      "alpnProtocols",
      `must be an array of names such as ["h2"], received ${received(names)}`,
    );
  }
  return Uint8Array.from(names.flatMap((name, i) => {
    const path = ["alpnProtocols", i];
    if (typeof name !== "string") {
      throw optionTypeError(
        path,
        `must be a string, received ${received(name)}`,
      );
    }
    const codes = Array.from(name, (char) => char.charCodeAt(0));
    if (
      codes.length === 0 || codes.length > MAX_NAME_BYTES ||
      codes.some((code) => code > 0xff)
    ) {
      throw optionRangeError(
        path,
        `must be a name of 1 to ${MAX_NAME_BYTES} bytes, received ${
          received(name)
        }`,
      );
    }
    return [codes.length, ...codes];
  }));
}
