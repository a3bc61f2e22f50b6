import type { Endpoint } from "../endpoint.ts";
import type { DeliveryStatus } from "../network/types.ts";
import type { TraceMessage } from "./messages.ts";

/**
 * What became of what an end sent:
 *
 * - `"received"`: its peer read just that;
 * - `"missing"`: its peer hasn't read it: it is on its way, was lost, or couldn't be
 *   decrypted;
 * - `"altered"`: its peer read something else in its place;
 * - `"injected"`: its peer read it, but the end never sent it in this connection.
 */
export type TraceArrival = "received" | "missing" | "altered" | "injected";

/** What every event has. */
export interface TraceEventBase {
  /** Its number in the trace, from 0. */
  readonly n: number;
  /** When it happened, in milliseconds since the start of the trace. */
  readonly at: number;
}

/** What every event that one end sent has. */
export interface TraceSentEventBase extends TraceEventBase {
  /** Who sent it. */
  readonly from: Endpoint;
  /** What became of it. */
  readonly arrival: TraceArrival;
  /** When its peer read it, in milliseconds since the start; `null` if it hasn't. */
  readonly receivedAt: number | null;
}

/** A record, on the wire. */
export interface TraceRecordEvent extends TraceEventBase {
  /** Which kind of event it is. */
  readonly type: "record";
  /** Who sent it. */
  readonly from: Endpoint;
  /** What it says to hold: in TLS 1.3 `"application_data"`, once encrypted. */
  readonly contentType: string;
  /** The version that it says, such as `"TLSv1.2"`. */
  readonly version: string;
  /** How long its content is, in bytes. */
  readonly length: number;
  /** What the network did with it, or the first thing other than to deliver its bytes. */
  readonly status: DeliveryStatus;
}

/** A handshake message. */
export interface TraceHandshakeEvent<
  Message extends TraceMessage = TraceMessage,
> extends TraceSentEventBase {
  /** Which kind of event it is. */
  readonly type: "handshake";
  /** Whether it was sent encrypted. */
  readonly encrypted: boolean;
  /** The message, as it was sent; an injected one, as it was read. */
  readonly message: Message;
  /** What the peer read in its place, if it was altered. */
  readonly altered: TraceMessage | null;
}

/** A change of ciphers; in TLS 1.3 only for the sake of middleboxes. */
export interface TraceChangeCipherSpecEvent extends TraceSentEventBase {
  /** Which kind of event it is. */
  readonly type: "change_cipher_spec";
}

/** An alert. */
export interface TraceAlertEvent extends TraceSentEventBase {
  /** Which kind of event it is. */
  readonly type: "alert";
  /** Whether it was sent encrypted. */
  readonly encrypted: boolean;
  /** Whether it ends the connection. */
  readonly level: "warning" | "fatal";
  /** Its name in the RFCs, such as `"handshake_failure"`. */
  readonly name: string;
  /** Its number. */
  readonly code: number;
}

/** A record of application data. */
export interface TraceApplicationDataEvent extends TraceSentEventBase {
  /** Which kind of event it is. */
  readonly type: "application_data";
  /** How long it is encrypted, in bytes. */
  readonly length: number;
  /** Whether it is early data (0-RTT). */
  readonly early: boolean;
}

/** What the test or the network had to say. */
export interface TraceNoteEvent extends TraceEventBase {
  /** Which kind of event it is. */
  readonly type: "note";
  /** Nobody sent it. */
  readonly from: null;
  /** What it says. */
  readonly text: string;
}

/** What happened on a connection. */
export type TraceEvent =
  | TraceRecordEvent
  | TraceHandshakeEvent
  | TraceChangeCipherSpecEvent
  | TraceAlertEvent
  | TraceApplicationDataEvent
  | TraceNoteEvent;

/** Events that an end sent and its peer may have read. */
export type TraceSentEvent = Exclude<
  TraceEvent,
  TraceRecordEvent | TraceNoteEvent
>;
