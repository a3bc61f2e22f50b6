import type { DeliveryStatus } from "../network/types.ts";
import type { Endpoint } from "../endpoint.ts";
import { areEqual } from "../../internal/bytes.ts";
import { decodeAlert, type DecodeContext, decodeMessage } from "./decode.ts";
import type { TraceEvent, TraceSentEvent } from "./events.ts";
import type { TraceMessage } from "./messages.ts";
import { RecordStream } from "./records.ts";
import { OPEN, REDACTED } from "./redaction.ts";

/** Bytes on the wire. */
export interface Segment {
  /** The time in milliseconds since 1970-01-01 UTC. */
  readonly time: number;
  readonly from: Endpoint;
  /** The bytes as they arrived, or as they were sent if they are lost. */
  readonly bytes: Uint8Array;
  readonly status: DeliveryStatus;
  /** The number of events before. */
  readonly position: number;
}

/** An event without its index and time, which the log adds. */
export type NewEvent<Event = TraceEvent> = Event extends TraceEvent
  ? Omit<Event, "n" | "at">
  : never;

const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const FINISHED = 20;

/** The state of one endpoint as a sender. */
interface Sender {
  /** The events that its peer hasn't read, the oldest first, with the bytes of messages. */
  readonly unread: { position: number; bytes: Uint8Array | null }[];
  /** Whether it has sent ChangeCipherSpec, before TLS 1.3. */
  hasChanged: boolean;
  /** Whether it is writing an encrypted record of TLS 1.3. */
  isInRecord: boolean;
  /** Whether it has sent its Finished. */
  hasFinished: boolean;
  /** The records that it sends, and those that are replayed in its place. */
  readonly wire: {
    readonly own: RecordStream;
    readonly replayed: RecordStream;
  };
}

/** The events of a connection. Both endpoints report each message; the log has it once. */
export class TraceLog {
  readonly events: TraceEvent[] = [];
  readonly segments: Segment[] = [];
  readonly now: () => number;
  readonly start: number;
  #context: DecodeContext;
  readonly #senders: Record<Endpoint, Sender> = {
    client: newSender(),
    server: newSender(),
  };

  /** Creates a log with a clock in milliseconds. */
  constructor(now: () => number, isRedacted: boolean) {
    this.now = now;
    this.start = now();
    const redaction = isRedacted ? REDACTED : OPEN;
    this.#context = { version: null, cipherSuite: null, redaction };
  }

  /** Whether a version before TLS 1.3 was selected. */
  get isLegacy(): boolean {
    const { version } = this.#context;
    return version !== null && version !== "TLSv1.3";
  }

  /** Adds an event. */
  add(event: NewEvent): void {
    const { events, start, now } = this;
    events.push({ n: events.length, at: now() - start, ...event });
  }

  /** Notes that an endpoint writes a record that is encrypted in TLS 1.3. */
  writesRecord(from: Endpoint): void {
    this.#senders[from].isInRecord = true;
  }

  /** Adds a handshake message that an endpoint wrote. */
  wroteMessage(from: Endpoint, bytes: Uint8Array): void {
    const [type] = bytes;
    const sender = this.#senders[from];
    const isHello = type === CLIENT_HELLO || type === SERVER_HELLO;
    const encrypted = sender.hasChanged ||
      (this.#context.version === "TLSv1.3" && !isHello);
    sender.isInRecord = false;
    if (type === FINISHED) sender.hasFinished = true;
    const message = this.#decode(bytes);
    this.#sent({
      type: "handshake",
      from,
      encrypted,
      message,
      altered: null,
      ...UNREAD,
    }, bytes);
  }

  /** Adds an alert that an endpoint wrote. */
  wroteAlert(from: Endpoint, bytes: Uint8Array): void {
    const { hasChanged, isInRecord } = this.#senders[from];
    const encrypted = hasChanged || isInRecord;
    this.#sent({
      type: "alert",
      from,
      encrypted,
      ...decodeAlert(bytes),
      ...UNREAD,
    }, bytes);
  }

  /** Adds a ChangeCipherSpec that an endpoint wrote. */
  wroteChange(from: Endpoint): void {
    if (this.isLegacy) this.#senders[from].hasChanged = true;
    this.#sent({ type: "change_cipher_spec", from, ...UNREAD });
  }

  /** Adds a record of application data that an endpoint wrote. */
  wroteData(from: Endpoint, length: number): void {
    const sender = this.#senders[from];
    sender.isInRecord = false;
    const early = from === "client" && !sender.hasFinished;
    this.#sent({ type: "application_data", from, length, early, ...UNREAD });
  }

  /** Notes that the peer of an endpoint read a handshake message or an alert. */
  read(
    from: Endpoint,
    type: "handshake" | "alert",
    bytes: Uint8Array,
  ): void {
    const sent = this.#firstUnread(from, type);
    if (sent === undefined) {
      this.#inject(from, type, bytes);
    } else if (areEqual(bytes, sent.bytes ?? NOTHING)) {
      this.#update(sent.position, { arrival: "received" });
    } else {
      // The sender's state depends on what it sent, not on what its peer read.
      const altered = type === "handshake"
        ? decodeMessage(bytes, this.#context)
        : null;
      this.#update(sent.position, {
        arrival: "altered",
        ...(altered && { altered }),
      });
    }
  }

  /** Notes that the peer of an endpoint read a record of application data. */
  readData(from: Endpoint): void {
    const sent = this.#firstUnread(from, "application_data");
    if (sent) this.#update(sent.position, { arrival: "received" });
  }

  /** Notes that the peer of an endpoint read a ChangeCipherSpec, where it says so. */
  readChange(from: Endpoint): void {
    const sent = this.#firstUnread(from, "change_cipher_spec");
    if (sent) this.#update(sent.position, { arrival: "received" });
  }

  /** Adds bytes on the wire, and the records that they complete. */
  passed(from: Endpoint, bytes: Uint8Array, status: DeliveryStatus): void {
    const position = this.events.length;
    const copy = new Uint8Array(bytes);
    this.segments.push({
      time: this.now(),
      from,
      bytes: copy,
      status,
      position,
    });
    const { own, replayed } = this.#senders[from].wire;
    const stream = status === "replayed" ? replayed : own;
    for (const record of stream.push(copy, status)) {
      this.add({ type: "record", from, ...record });
    }
  }

  /** Decodes a message. A server's hello sets the version for the following ones. */
  #decode(bytes: Uint8Array): TraceMessage {
    const message = decodeMessage(bytes, this.#context);
    if (
      message.name === "ServerHello" || message.name === "HelloRetryRequest"
    ) {
      const { version, cipherSuite } = message;
      this.#context = { ...this.#context, version, cipherSuite };
    }
    return message;
  }

  #sent(
    event: NewEvent<TraceSentEvent>,
    bytes: Uint8Array | null = null,
  ): void {
    const position = this.events.length;
    this.#senders[event.from].unread.push({ position, bytes });
    this.add(event);
  }

  /** Adds a message that the peer read although it wasn't sent while the trace was recorded. */
  #inject(
    from: Endpoint,
    type: "handshake" | "alert",
    bytes: Uint8Array,
  ): void {
    const arrived = {
      from,
      encrypted: false,
      arrival: "injected",
      receivedAt: this.now() - this.start,
    } as const;
    if (type === "alert") {
      this.add({ type, ...decodeAlert(bytes), ...arrived });
    } else {
      this.add({
        type,
        message: this.#decode(bytes),
        altered: null,
        ...arrived,
      });
    }
  }

  /** Removes the first unread event of a type and those before it, which won't be read any more. */
  #firstUnread(
    from: Endpoint,
    type: TraceSentEvent["type"],
  ): { position: number; bytes: Uint8Array | null } | undefined {
    const { unread } = this.#senders[from];
    const index = unread.findIndex(({ position }) =>
      this.events[position]?.type === type
    );
    if (index < 0) return undefined;
    for (const { position } of unread.splice(0, index)) {
      // OpenSSL's message callback doesn't report that a ChangeCipherSpec was read in TLS 1.2.
      if (this.events[position]?.type === "change_cipher_spec") {
        this.#update(position, { arrival: "received" });
      }
    }
    return unread.shift();
  }

  #update(position: number, change: object): void {
    const event = this.events[position];
    if (event === undefined) return;
    const receivedAt = this.now() - this.start;
    this.events[position] = { ...event, receivedAt, ...change } as TraceEvent;
  }
}

const NOTHING = new Uint8Array();
const UNREAD = { arrival: "missing", receivedAt: null } as const;

function newSender(): Sender {
  return {
    unread: [],
    hasChanged: false,
    isInRecord: false,
    hasFinished: false,
    wire: { own: new RecordStream(), replayed: new RecordStream() },
  };
}
