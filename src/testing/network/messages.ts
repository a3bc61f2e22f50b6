import {
  SSL3_RT_HANDSHAKE,
  SSL3_RT_HEADER,
  SSL3_RT_INNER_CONTENT_TYPE,
} from "../../libssl/constants.ts";

const HEADER_BYTES = 5;

/**
 * Finds the offsets of handshake messages in the bytes that an endpoint sends. Most of them
 * are encrypted, so the source is OpenSSL's message callback.
 */
export class MessageMeter {
  readonly #onMessage: (at: number) => void;
  #offset = 0;
  #record = 0;
  #first: number | undefined;

  /** Creates a meter that calls `onMessage` with the offset of each message's first record. */
  constructor(onMessage: (at: number) => void) {
    this.#onMessage = onMessage;
  }

  /**
   * Takes the arguments of the message callback for bytes that were written. OpenSSL calls it
   * for the header of each record, in TLS 1.3 also for its inner content type, and for each
   * message after its last record. It never puts two messages into one record.
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
