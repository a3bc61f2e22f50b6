import {
  SSL3_RT_ALERT,
  SSL3_RT_CHANGE_CIPHER_SPEC,
  SSL3_RT_HANDSHAKE,
} from "../../../libssl/constants.ts";
import { malformed } from "./failures.ts";
import { MAX_PLAINTEXT_BYTES, RECORD_HEADER_BYTES } from "./records.ts";

/** What a server sent in the clear: a whole handshake message, an alert or a ChangeCipherSpec. */
export interface Plaintext {
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** The most bytes that are read of a server: more than any chain of certificates needs. */
const MAX_BYTES = 512 * 1024;
/** The most records that are read. */
const MAX_RECORDS = 4096;
const MESSAGE_HEADER_BYTES = 4;

/** Cuts what a server sends into messages. The bytes are untrusted. */
export class PlaintextReader {
  readonly #input = new Queue();
  readonly #handshake = new Queue();
  #taken = 0;
  #records = 0;

  /**
   * Takes the next bytes.
   *
   * @throws {AnswerEnded} If they are more than is reasonable.
   */
  push(bytes: Uint8Array): void {
    this.#taken += bytes.length;
    if (this.#taken > MAX_BYTES) {
      throw malformed(`the server sent more than ${MAX_BYTES} bytes`);
    }
    this.#input.push(bytes);
  }

  /**
   * The next message, or null if there is none yet.
   *
   * @throws {AnswerEnded} If the bytes are no records of plaintext.
   */
  next(): Plaintext | null {
    for (;;) {
      const message = this.#message();
      if (message) return { type: SSL3_RT_HANDSHAKE, bytes: message };
      const record = this.#record();
      if (record === null) return null;
      if (record.type !== SSL3_RT_HANDSHAKE) return record;
      this.#handshake.push(record.bytes);
    }
  }

  #message(): Uint8Array | null {
    const header = this.#handshake.peek(MESSAGE_HEADER_BYTES);
    if (header === null) return null;
    const [, high = 0, middle = 0, low = 0] = header;
    const length = high << 16 | middle << 8 | low;
    return this.#handshake.take(MESSAGE_HEADER_BYTES + length);
  }

  #record(): Plaintext | null {
    const header = this.#input.peek(RECORD_HEADER_BYTES);
    if (header === null) return null;
    const [type = 0, major = 0, , high = 0, low = 0] = header;
    const length = high << 8 | low;
    if (major !== 3 || !TYPES.has(type) || length > MAX_PLAINTEXT_BYTES) {
      throw malformed("the server sent something else than TLS");
    }
    const record = this.#input.take(RECORD_HEADER_BYTES + length);
    if (record === null) return null;
    if (++this.#records > MAX_RECORDS) {
      throw malformed(`the server sent more than ${MAX_RECORDS} records`);
    }
    return { type, bytes: record.subarray(RECORD_HEADER_BYTES) };
  }
}

const TYPES: ReadonlySet<number> = new Set([
  SSL3_RT_ALERT,
  SSL3_RT_CHANGE_CIPHER_SPEC,
  SSL3_RT_HANDSHAKE,
]);

/** Bytes in their order, whose room doubles when it is full. */
class Queue {
  #bytes = new Uint8Array(4096);
  #start = 0;
  #end = 0;

  push(bytes: Uint8Array): void {
    const length = this.#end - this.#start + bytes.length;
    if (this.#end + bytes.length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length, 2 * length));
      grown.set(this.#bytes.subarray(this.#start, this.#end));
      this.#bytes = grown;
      this.#end -= this.#start;
      this.#start = 0;
    }
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** The first bytes, or null if there are fewer. */
  peek(count: number): Uint8Array | null {
    if (this.#end - this.#start < count) return null;
    return this.#bytes.subarray(this.#start, this.#start + count);
  }

  take(count: number): Uint8Array | null {
    const bytes = this.peek(count)?.slice() ?? null;
    if (bytes) this.#start += count;
    return bytes;
  }
}
