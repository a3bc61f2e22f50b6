import { concat } from "../../../internal/bytes.ts";
import {
  KEY_SHARE,
  PSK_KEY_EXCHANGE_MODES,
  SIGNATURE_ALGORITHMS,
  SUPPORTED_GROUPS,
  SUPPORTED_VERSIONS,
} from "../../client/hello/codes.ts";
import { uint, vector } from "../../client/hello/vectors.ts";
import type { Hello } from "../../client/hello_types.ts";

/** Values that are reserved so that servers meet unknown ones: RFC 8701, 2. */
const RESERVED = [0x0a0a, 0x4a4a, 0xdada, 0xfafa] as const;
const RESERVED_MODE = 0x0b;

/** The lists that reserved values are put into: the bytes of the list's length, and what is put. */
const LISTS: ReadonlyMap<number, readonly [size: number, item: Uint8Array]> =
  new Map([
    [SUPPORTED_GROUPS, [2, uint(2, RESERVED[0])]],
    [SIGNATURE_ALGORITHMS, [2, uint(2, RESERVED[1])]],
    [SUPPORTED_VERSIONS, [1, uint(2, RESERVED[2])]],
    [PSK_KEY_EXCHANGE_MODES, [1, uint(1, RESERVED_MODE)]],
    [KEY_SHARE, [
      2,
      concat([uint(2, RESERVED[0]), vector(2, new Uint8Array(1))]),
    ]],
  ]);

/** Puts reserved values wherever a hello has a list, before the others. */
export function greased(hello: Hello): void {
  hello.cipherSuites = [...RESERVED, ...hello.cipherSuites];
  const [first, ...others] = RESERVED;
  hello.extensions = [
    { type: first, data: new Uint8Array() },
    ...hello.extensions.map(({ type, data }) => {
      const list = LISTS.get(type);
      return { type, data: list ? prepended(data, ...list) : data };
    }),
    ...others.map((type, i) => ({ type, data: new Uint8Array(64 * i) })),
  ];
}

/** A list with an item before the others. */
function prepended(
  data: Uint8Array,
  size: number,
  item: Uint8Array,
): Uint8Array {
  return vector(size, item, data.subarray(size));
}
