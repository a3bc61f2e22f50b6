import {
  SSL3_RT_HANDSHAKE,
  SSL3_RT_HEADER,
  SSL3_RT_INNER_CONTENT_TYPE,
} from "../../libssl/constants.ts";

const HEADER_BYTES = 5;

/**
 * Finds where handshake messages begin in what an end sends, by what OpenSSL's message
 * callback tells: it is the only one to know, as most of them are encrypted.
 */
export class MessageMeter {
  readonly #onMessage: (at: number) => void;
  #offset = 0;
  #record = 0;
  #first: number | undefined;

  /** Calls `onMessage` with the place of each message: that of its first record. */
  constructor(onMessage: (at: number) => void) {
    this.#onMessage = onMessage;
  }

  /**
   * What the callback is told of what is written: each record's header, in TLS 1.3 what is
   * in it, and each message after the last of its records. OpenSSL puts no two messages
   * into one record.
   */
  written(contentType: number, bytes: Uint8Array): void {
    const [type, , , high = 0, low = 0] = bytes;
    if (contentType === SSL3_RT_HEADER) {
      this.#record = this.#offset;
      this.#offset += HEADER_BYTES + (high << 8 | low);
      if (type === SSL3_RT_HANDSHAKE) this.#first ??= this.#record;
    } else if (contentType === SSL3_RT_INNER_CONTENT_TYPE) {
      if (type === SSL3_RT_HANDSHAKE) this.#first ??= this.#record;
    } else if (contentType === SSL3_RT_HANDSHAKE) {
      this.#onMessage(this.#first ?? this.#record);
      this.#first = undefined;
    }
  }
}
