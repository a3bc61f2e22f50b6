import type { Ffi } from "../ffi/ffi.ts";
import type { Address } from "../ffi/pointers.ts";

/** `struct machine` in wasm/machine.h, in words of four bytes. */
const WORDS = 70;
export const AT = {
  status: 0,
  phase: 1,
  taken: 2,
  written: 3,
  wireLength: 4,
  plaintextLength: 5,
  alert: 6,
  verifyResult: 7,
  version: 8,
  isReused: 9,
  cipher: 10,
  group: 11,
  serverName: 12,
  earlyDataStatus: 13,
  alpn: 14,
  certificate: 16,
  handshakesBegun: 18,
  handshakesDone: 19,
  offersTls13: 20,
  allowsTls13: 21,
  isNew: 22,
  hostName: 23,
  sessionId: 25,
  ticket: 27,
  identities: 29,
  helloAlert: 31,
  hasTerms: 32,
  tickets: 33,
  wantsSessions: 34,
  maxAge: 35,
  finds: 36,
  contextLength: 37,
  context: 38,
  id: 46,
  der: 48,
  wasTaken: 50,
  sessionVersion: 51,
  sessionEarlyData: 52,
  sessionLifetimeHint: 53,
  sessionTimeout: 54,
  sessionTime: 56,
  sessionProvedAt: 58,
  sessionNotAfter: 60,
  sessionExpiresAt: 62,
  incoming: 64,
  writing: 65,
  wire: 66,
  plaintext: 67,
  derArea: 68,
} as const;

/** A field of the struct. */
export type MachineField = (typeof AT)[keyof typeof AT];

/** Shared: a field is mostly empty, and making an array takes longer than copying a few bytes. */
const NO_BYTES = new Uint8Array();

/** `struct machine` of one instance: the arguments and results of calls and callbacks. */
export class MachineBlock {
  readonly #ffi: Ffi;
  readonly #base: Address;
  /** Texts of constants that were read before, by address. */
  readonly #constants = new Map<Address, string>();
  #words = new Uint32Array();
  #numbers = new Float64Array();

  /** The block of an instance. */
  constructor(ffi: Ffi) {
    this.#ffi = ffi;
    this.#base = ffi.c.sesame_machine();
  }

  /** A field of one word. */
  word(field: MachineField): number {
    return this.#view()[field] ?? 0;
  }

  /** Sets a field of one word. */
  setWord(field: MachineField, value: number): void {
    this.#view()[field] = value;
  }

  /** A field of two words that is a `double`. */
  number(field: MachineField): number {
    this.#view();
    return this.#numbers[field / 2] ?? 0;
  }

  /** Sets a field of two words that is a `double`. */
  setNumber(field: MachineField, value: number): void {
    this.#view();
    this.#numbers[field / 2] = value;
  }

  /** The length in a field that is an address and a length. */
  length(field: MachineField): number {
    return this.#view()[field + 1] ?? 0;
  }

  /** A copy of the bytes at the address in a field. */
  bytes(field: MachineField): Uint8Array<ArrayBuffer> {
    return this.copy(this.address(field), this.length(field));
  }

  /** A copy of bytes in the instance's memory. */
  copy(address: Address, length: number): Uint8Array<ArrayBuffer> {
    return length === 0 ? NO_BYTES : this.#ffi.memory.read(address, length);
  }

  /** The bytes at the address in a field, each as a character. */
  latin1(field: MachineField): string {
    return this.#ffi.memory.readLatin1(
      this.address(field),
      this.length(field),
    );
  }

  /** Sets the address and the length in a field. */
  setBytes(field: MachineField, address: Address, length: number): void {
    const words = this.#view();
    words[field] = address;
    words[field + 1] = length;
  }

  /** The address in a field. */
  address(field: MachineField): Address {
    return this.word(field) as Address;
  }

  /** The address of a field that is an array of bytes. */
  addressOf(field: MachineField): Address {
    return this.#base + 4 * field as Address;
  }

  /** The text at the address in a field. */
  text(field: MachineField): string | null {
    return this.#ffi.memory.readString(this.address(field));
  }

  /** The text at the address in a field, which never changes. */
  constant(field: MachineField): string | null {
    const address = this.address(field);
    const known = this.#constants.get(address);
    if (known !== undefined) return known;
    const text = this.text(field);
    if (text !== null) this.#constants.set(address, text);
    return text;
  }

  #view(): Uint32Array {
    // Growing memory detaches the buffer of views.
    if (this.#words.length === 0) {
      const buffer = this.#ffi.c.memory.buffer as ArrayBuffer;
      this.#words = new Uint32Array(buffer, this.#base, WORDS);
      this.#numbers = new Float64Array(buffer, this.#base, WORDS / 2);
    }
    return this.#words;
  }
}
