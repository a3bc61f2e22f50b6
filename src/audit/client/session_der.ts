import {
  derInteger,
  derNumber,
  derOctets,
  derSequence,
  derTagged,
  derValues,
  onlyDerValue,
  toDer,
} from "./der.ts";

/** The values of a session that have no tag of their own, in their order (d2i_SSL_SESSION(3)). */
const UNTAGGED = {
  version: 1,
  cipherSuite: 2,
  id: 3,
  masterKey: 4,
} as const;

/** The numbers of the tags of the others. */
const TAGS = {
  time: 1,
  hostname: 6,
  lifetimeHint: 9,
  ticket: 10,
  flags: 13,
  ageAdd: 14,
  maxEarlyData: 15,
  alpn: 16,
} as const;

type NumberField =
  | "time"
  | "lifetimeHint"
  | "flags"
  | "ageAdd"
  | "maxEarlyData";
type BytesField = "hostname" | "ticket" | "alpn";

const IS_TAGGED = 0xa0;
const TAG_NUMBER = 0x1f;

/** OpenSSL's encoding of a session, by its fields. */
export class SessionDer {
  readonly #untagged: Uint8Array[];
  readonly #tagged: Map<number, Uint8Array>;

  /**
   * Reads a session as `i2d_SSL_SESSION` writes it, in copies.
   *
   * @throws {TypeError} If it can't be read.
   */
  constructor(der: Uint8Array) {
    const values = derValues(onlyDerValue(der).content);
    const isTagged = (tag: number): boolean => tag >= IS_TAGGED;
    this.#untagged = values.filter(({ tag }) => !isTagged(tag))
      .map(({ tag, content }) => toDer(tag, content));
    this.#tagged = new Map(
      values.filter(({ tag }) => isTagged(tag))
        .map(({ tag, content }) => [tag & TAG_NUMBER, content.slice()]),
    );
  }

  /** The encoding of the fields as they are now. */
  encoded(): Uint8Array {
    const tagged = [...this.#tagged].sort(([a], [b]) => a - b);
    return derSequence([
      ...this.#untagged,
      ...tagged.map(([number, value]) => derTagged(number, value)),
    ]);
  }

  /** The number of the version, such as 0x0304. */
  get version(): number {
    return derNumber(this.#at("version"));
  }

  set version(version: number) {
    this.#untagged[UNTAGGED.version] = derInteger(version);
  }

  /** The number of the cipher suite. */
  get cipherSuite(): number {
    return derNumber(this.#at("cipherSuite"));
  }

  set cipherSuite(suite: number) {
    this.#untagged[UNTAGGED.cipherSuite] = derOctets(
      Uint8Array.of(suite >> 8, suite & 0xff),
    );
  }

  /** The session id or the master key. */
  bytesOf(field: "id" | "masterKey"): Uint8Array {
    return this.#at(field).content.slice();
  }

  /** Sets the session id or the master key. */
  setBytesOf(field: "id" | "masterKey", bytes: Uint8Array): void {
    const at = UNTAGGED[field];
    this.#untagged[at]?.fill(0);
    this.#untagged[at] = derOctets(bytes);
  }

  /** A number that may be missing. */
  number(field: NumberField): number | null {
    const value = this.#tagged.get(TAGS[field]);
    return value === undefined ? null : derNumber(onlyDerValue(value));
  }

  /** Sets a number. */
  setNumber(field: NumberField, value: number): void {
    this.#tagged.set(TAGS[field], derInteger(value));
  }

  /** Bytes that may be missing. */
  bytes(field: BytesField): Uint8Array | null {
    const value = this.#tagged.get(TAGS[field]);
    return value === undefined ? null : onlyDerValue(value).content.slice();
  }

  /** Sets bytes, or removes them. */
  setBytes(field: BytesField, bytes: Uint8Array | null): void {
    if (bytes === null) this.#tagged.delete(TAGS[field]);
    else this.#tagged.set(TAGS[field], derOctets(bytes));
  }

  /** Overwrites what was read. */
  wipe(): void {
    for (const bytes of this.#untagged) bytes.fill(0);
    for (const bytes of this.#tagged.values()) bytes.fill(0);
  }

  #at(field: keyof typeof UNTAGGED): { tag: number; content: Uint8Array } {
    return onlyDerValue(this.#untagged[UNTAGGED[field]] ?? new Uint8Array());
  }
}

/** `SSL_SESS_FLAG_EXTMS`. */
const EXTENDED_MASTER_SECRET = 1;

/** Whether the master secret of a session is an extended one (RFC 7627). */
export function hasExtended(fields: SessionDer): boolean {
  return ((fields.number("flags") ?? 0) & EXTENDED_MASTER_SECRET) !== 0;
}

/** Says whether it is. */
export function setExtended(fields: SessionDer, isExtended: boolean): void {
  const others = (fields.number("flags") ?? 0) & ~EXTENDED_MASTER_SECRET;
  fields.setNumber("flags", others | (isExtended ? EXTENDED_MASTER_SECRET : 0));
}
