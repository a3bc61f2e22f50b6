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
  /** When, in milliseconds since 1970-01-01 UTC. */
  readonly time: number;
  readonly from: Endpoint;
  /** As they arrived, or as they were sent where they never do. */
  readonly bytes: Uint8Array;
  readonly status: DeliveryStatus;
  /** How many events there were before. */
  readonly position: number;
}

/** An event without what the log gives it. */
export type NewEvent<Event = TraceEvent> = Event extends TraceEvent
  ? Omit<Event, "n" | "at">
  : never;

const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const FINISHED = 20;

/** What one end has sent so far. */
interface Sender {
  /** What its peer hasn't read, the oldest first, with the message's bytes. */
  readonly unread: { position: number; bytes: Uint8Array | null }[];
  /** Whether it has said, before TLS 1.3, that what follows is encrypted. */
  hasChanged: boolean;
  /** Whether the record that it is writing is one that TLS 1.3 has encrypted. */
  isInRecord: boolean;
  /** Whether it has sent its Finished. */
  hasFinished: boolean;
  /** What it sends, and what was sent in its name. */
  readonly wire: {
    readonly own: RecordStream;
    readonly replayed: RecordStream;
  };
}

/** The events of a connection, as both ends report them: one each, whoever reports it first. */
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

  /** A log by a clock in milliseconds. */
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

  /** An end writes a record that TLS 1.3 has encrypted, if it speaks that. */
  writesRecord(from: Endpoint): void {
    this.#senders[from].isInRecord = true;
  }

  /** An end wrote a handshake message. */
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

  /** An end wrote an alert. */
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

  /** An end wrote a change of ciphers. */
  wroteChange(from: Endpoint): void {
    if (this.isLegacy) this.#senders[from].hasChanged = true;
    this.#sent({ type: "change_cipher_spec", from, ...UNREAD });
  }

  /** An end wrote a record of application data. */
  wroteData(from: Endpoint, length: number): void {
    const sender = this.#senders[from];
    sender.isInRecord = false;
    const early = from === "client" && !sender.hasFinished;
    this.#sent({ type: "application_data", from, length, early, ...UNREAD });
  }

  /** The peer of an end read a handshake message or an alert. */
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
      // What the peer took it for changes nothing about what the sender goes on with.
      const altered = type === "handshake"
        ? decodeMessage(bytes, this.#context)
        : null;
      this.#update(sent.position, {
        arrival: "altered",
        ...(altered && { altered }),
      });
    }
  }

  /** The peer of an end read a record of application data. */
  readData(from: Endpoint): void {
    const sent = this.#firstUnread(from, "application_data");
    if (sent) this.#update(sent.position, { arrival: "received" });
  }

  /** Bytes have met their status. */
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

  /** Decodes a message, from which on the connection is what a server's hello says. */
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

  /** What never was sent, or before anyone watched: the peer read it all the same. */
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

  /** Takes what is read next of a kind. What came before it won't be read any more. */
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
      // Of these, OpenSSL tells only writers in TLS 1.2.
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
