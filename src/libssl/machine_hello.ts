import { AT, type MachineBlock } from "./machine_block.ts";
import type { ClientHello } from "./machine_types.ts";

/** The fields of a PskIdentity (RFC 8446, 4.2.11). */
const LENGTH_BYTES = 2;
const AGE_BYTES = 4;

/** The hello in a block: `wasm/connection_hello.c` has parsed it. */
export class HelloInBlock implements ClientHello {
  readonly isNew: boolean;
  readonly hostName: string | null;
  readonly offersTls13: boolean;
  readonly allowsTls13: boolean;
  readonly hasSessionId: boolean;
  readonly hasTicket: boolean;
  readonly hasIdentities: boolean;
  readonly #block: MachineBlock;

  /** Reads it. */
  constructor(block: MachineBlock) {
    this.#block = block;
    this.isNew = block.word(AT.isNew) === 1;
    this.hostName = block.length(AT.hostName) > 0
      ? block.latin1(AT.hostName)
      : null;
    this.offersTls13 = block.word(AT.offersTls13) === 1;
    this.allowsTls13 = block.word(AT.allowsTls13) === 1;
    this.hasSessionId = block.length(AT.sessionId) > 0;
    this.hasTicket = block.length(AT.ticket) > 0;
    this.hasIdentities = block.length(AT.identities) > 0;
  }

  sessionId(): Uint8Array {
    return this.#block.bytes(AT.sessionId);
  }

  ticket(): Uint8Array {
    return this.#block.bytes(AT.ticket);
  }

  identities(): Uint8Array[] {
    return identitiesIn(this.#block.bytes(AT.identities));
  }
}

/** The list has, for each identity, its length, its bytes, and the obfuscated ticket age. */
function identitiesIn(list: Uint8Array): Uint8Array[] {
  const identities: Uint8Array[] = [];
  for (let at = 0; at + LENGTH_BYTES <= list.length;) {
    const start = at + LENGTH_BYTES;
    const end = start + ((list[at] ?? 0) << 8 | (list[at + 1] ?? 0));
    if (end + AGE_BYTES > list.length) break;
    identities.push(list.subarray(start, end));
    at = end + AGE_BYTES;
  }
  return identities;
}
