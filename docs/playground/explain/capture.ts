import {
  SSL3_RT_ALERT,
  SSL3_RT_APPLICATION_DATA,
  SSL3_RT_CHANGE_CIPHER_SPEC,
  SSL3_RT_HANDSHAKE,
} from "../../../src/libssl/constants.ts";
import type { Row } from "../view/ladder_rows.ts";
import {
  eventDetails,
  eventTitle,
} from "../../../src/testing/trace/descriptions.ts";
import {
  decodeAlert,
  type DecodeContext,
  decodeMessage,
} from "../../../src/testing/trace/decode.ts";
import type { TraceMessage } from "../../../src/testing/mod.ts";
import { REDACTED } from "../../../src/testing/trace/redaction.ts";
import type { Capture, Segment } from "./pcapng.ts";

const HEADER = 5;
const MESSAGE_HEADER = 4;
const MAX_ROWS = 400;
/** The longest message that is waited for, in bytes. */
const MAX_MESSAGE = 1 << 18;

/** What the messages of a capture say, as far as they are in clear. */
export interface CaptureFacts {
  /** The rows of its ladder. */
  readonly rows: readonly Row[];
  /** Whether there were more. */
  readonly isCut: boolean;
  /** The messages in clear. */
  readonly messages: readonly TraceMessage[];
}

/** Reads the records of a capture. */
export function factsOfCapture({ segments }: Capture): CaptureFacts {
  const reader = new RecordReader(segments[0]?.time ?? 0);
  for (const segment of segments) reader.add(segment);
  const { rows, messages } = reader;
  return {
    rows: rows.slice(0, MAX_ROWS),
    isCut: rows.length > MAX_ROWS,
    messages,
  };
}

/** What of an endpoint no record or message has come of yet. */
interface Stream {
  readonly records: Gathered;
  readonly messages: Gathered;
  hasChanged: boolean;
}

/** Bytes that come in parts, and are taken in others. */
class Gathered {
  #buffer = new Uint8Array();
  #begin = 0;
  #end = 0;

  /** The bytes that are there. They stay what they are, whatever is added or taken. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(this.#begin, this.#end);
  }

  /** Adds bytes. The room for them doubles, so that many small parts take no longer than few. */
  add(part: Uint8Array): void {
    if (this.#end + part.length > this.#buffer.length) {
      const { bytes } = this;
      this.#buffer = new Uint8Array(2 * (bytes.length + part.length));
      this.#buffer.set(bytes);
      this.#begin = 0;
      this.#end = bytes.length;
    }
    this.#buffer.set(part, this.#end);
    this.#end += part.length;
  }

  /** Takes the first bytes. */
  take(length: number): Uint8Array {
    const taken = this.bytes.subarray(0, length);
    this.#begin += length;
    return taken;
  }
}

class RecordReader {
  readonly rows: Row[] = [];
  readonly messages: TraceMessage[] = [];
  readonly #start: number;
  readonly #streams: Readonly<Record<Segment["from"], Stream>> = {
    client: newStream(),
    server: newStream(),
  };
  #context: DecodeContext = {
    version: null,
    cipherSuite: null,
    redaction: REDACTED,
  };

  constructor(start: number) {
    this.#start = start;
  }

  add(segment: Segment): void {
    const { from, time, comment } = segment;
    const at = time - this.#start;
    if (comment !== null && this.rows.length < MAX_ROWS) {
      this.rows.push({
        kind: "note",
        at,
        title: `${segment.bytes.length} bytes ${comment}`,
      });
    }
    const stream = this.#streams[from];
    stream.records.add(segment.bytes);
    for (;;) {
      const { bytes } = stream.records;
      const [type = 0, , , high = 0, low = 0] = bytes;
      const end = HEADER + (high << 8 | low);
      if (bytes.length < Math.max(HEADER, end)) return;
      const record = stream.records.take(end);
      this.#record(from, at, type, record.subarray(HEADER));
    }
  }

  #record(
    from: Segment["from"],
    at: number,
    type: number,
    content: Uint8Array,
  ): void {
    const stream = this.#streams[from];
    const isLegacy = this.#context.version !== "TLSv1.3";
    if (type === SSL3_RT_CHANGE_CIPHER_SPEC) {
      if (isLegacy) stream.hasChanged = true;
      this.#arrow(from, at, { title: "ChangeCipherSpec" });
    } else if (type === SSL3_RT_APPLICATION_DATA || stream.hasChanged) {
      this.#arrow(from, at, {
        title: type === SSL3_RT_APPLICATION_DATA
          ? "encrypted record"
          : type === SSL3_RT_ALERT
          ? "encrypted alert"
          : "encrypted handshake message",
        details: [`${content.length} bytes`],
        isEncrypted: true,
      });
    } else if (type === SSL3_RT_ALERT) {
      const { level, name } = decodeAlert(content);
      this.#arrow(from, at, {
        title: `${level === "fatal" ? "fatal " : ""}alert: ${name}`,
        isFault: level === "fatal",
      });
    } else if (type === SSL3_RT_HANDSHAKE) {
      stream.messages.add(content);
      this.#messages(from, at, stream.messages);
    } else {
      this.#arrow(from, at, { title: `record of type ${type}`, isFault: true });
    }
  }

  #messages(from: Segment["from"], at: number, gathered: Gathered): void {
    for (;;) {
      const { bytes } = gathered;
      const [, high = 0, middle = 0, low = 0] = bytes;
      const end = MESSAGE_HEADER + (high << 16 | middle << 8 | low);
      if (end > MAX_MESSAGE) {
        gathered.take(bytes.length);
        this.#arrow(from, at, { title: "too long a message", isFault: true });
        return;
      }
      if (bytes.length < Math.max(MESSAGE_HEADER, end)) return;
      const message = decodeMessage(gathered.take(end), this.#context);
      if (
        message.name === "ServerHello" || message.name === "HelloRetryRequest"
      ) {
        const { version, cipherSuite } = message;
        this.#context = { ...this.#context, version, cipherSuite };
      }
      if (this.messages.length < MAX_ROWS) this.messages.push(message);
      const event = {
        type: "handshake",
        n: 0,
        at,
        from,
        encrypted: false,
        message,
        altered: null,
        arrival: "received",
        receivedAt: at,
      } as const;
      this.#arrow(from, at, {
        title: eventTitle(event),
        details: eventDetails(event),
      });
    }
  }

  #arrow(
    from: Segment["from"],
    at: number,
    { title, details = [], isEncrypted = false, isFault = false }: {
      title: string;
      details?: string[];
      isEncrypted?: boolean;
      isFault?: boolean;
    },
  ): void {
    // One more than is shown says that there are more.
    if (this.rows.length > MAX_ROWS) return;
    this.rows.push({
      kind: "arrow",
      from,
      at,
      title,
      details,
      isEncrypted,
      isFault,
      isLost: false,
    });
  }
}

function newStream(): Stream {
  return {
    records: new Gathered(),
    messages: new Gathered(),
    hasChanged: false,
  };
}
