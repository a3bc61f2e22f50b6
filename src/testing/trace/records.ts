import type { DeliveryStatus } from "../network/types.ts";
import type { TraceRecordEvent } from "./events.ts";
import { recordTypeName, versionName } from "./names.ts";

const HEADER_BYTES = 5;

/** What the wire shows of a record. */
export type WireRecord = Pick<
  TraceRecordEvent,
  "contentType" | "version" | "length" | "status"
>;

/** Cuts a stream of bytes into records by their headers (RFC 8446, section 5.1). */
export class RecordStream {
  readonly #header: number[] = [];
  #missing = 0;
  #status: DeliveryStatus = "delivered";

  /** Takes the next bytes: the records that they complete. */
  push(bytes: Uint8Array, status: DeliveryStatus): WireRecord[] {
    const records: WireRecord[] = [];
    for (let at = 0; at < bytes.length;) {
      if (this.#status === "delivered") this.#status = status;
      if (this.#header.length < HEADER_BYTES) {
        this.#header.push(bytes[at++] ?? 0);
        if (this.#header.length < HEADER_BYTES) continue;
        this.#missing = this.#length;
      }
      const step = Math.min(this.#missing, bytes.length - at);
      at += step;
      this.#missing -= step;
      if (this.#missing === 0) records.push(this.#take());
    }
    return records;
  }

  get #length(): number {
    const [, , , high = 0, low = 0] = this.#header;
    return high << 8 | low;
  }

  #take(): WireRecord {
    const [type = 0, major = 0, minor = 0] = this.#header;
    const record = {
      contentType: recordTypeName(type),
      version: versionName(major << 8 | minor),
      length: this.#length,
      status: this.#status,
    };
    this.#header.length = 0;
    this.#status = "delivered";
    return record;
  }
}
