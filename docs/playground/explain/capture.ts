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
const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;
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

/** The bytes of an endpoint that no record or message has come of yet. */
interface Stream {
  bytes: Uint8Array;
  handshake: Uint8Array;
  hasChanged: boolean;
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
    stream.bytes = joined(stream.bytes, segment.bytes);
    for (;;) {
      const [type = 0, , , high = 0, low = 0] = stream.bytes;
      const end = HEADER + (high << 8 | low);
      if (stream.bytes.length < Math.max(HEADER, end)) return;
      this.#record(from, at, type, stream.bytes.subarray(HEADER, end));
      stream.bytes = stream.bytes.subarray(end);
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
    if (type === CHANGE_CIPHER_SPEC) {
      if (isLegacy) stream.hasChanged = true;
      this.#arrow(from, at, { title: "ChangeCipherSpec" });
    } else if (type === APPLICATION_DATA || stream.hasChanged) {
      this.#arrow(from, at, {
        title: type === APPLICATION_DATA
          ? "encrypted record"
          : type === ALERT
          ? "encrypted alert"
          : "encrypted handshake message",
        details: [`${content.length} bytes`],
        isEncrypted: true,
      });
    } else if (type === ALERT) {
      const { level, name } = decodeAlert(content);
      this.#arrow(from, at, {
        title: `${level === "fatal" ? "fatal " : ""}alert: ${name}`,
        isFault: level === "fatal",
      });
    } else if (type === HANDSHAKE) {
      stream.handshake = joined(stream.handshake, content);
      this.#messages(from, at, stream);
    } else {
      this.#arrow(from, at, { title: `record of type ${type}`, isFault: true });
    }
  }

  #messages(from: Segment["from"], at: number, stream: Stream): void {
    for (;;) {
      const [, high = 0, middle = 0, low = 0] = stream.handshake;
      const end = MESSAGE_HEADER + (high << 16 | middle << 8 | low);
      if (end > MAX_MESSAGE) {
        stream.handshake = new Uint8Array();
        this.#arrow(from, at, { title: "too long a message", isFault: true });
        return;
      }
      if (stream.handshake.length < Math.max(MESSAGE_HEADER, end)) return;
      const message = decodeMessage(
        stream.handshake.subarray(0, end),
        this.#context,
      );
      stream.handshake = stream.handshake.subarray(end);
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
  const none = new Uint8Array();
  return { bytes: none, handshake: none, hasChanged: false };
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  if (one.length === 0) return other;
  const bytes = new Uint8Array(one.length + other.length);
  bytes.set(one);
  bytes.set(other, one.length);
  return bytes;
}
