import type { Endpoint } from "../endpoint.ts";
import type { DeliveryStatus } from "../network/types.ts";
import type { TraceMessage } from "./messages.ts";

/**
 * The arrival of a message, alert or record:
 *
 * - `"received"`: the peer read it as it was sent;
 * - `"missing"`: the peer hasn't read it: it is in flight, was lost, or couldn't be decrypted;
 * - `"altered"`: the peer read something else in its place;
 * - `"injected"`: the peer read it, but the endpoint didn't send it in this connection.
 */
export type TraceArrival = "received" | "missing" | "altered" | "injected";

/** The properties of every event. */
export interface TraceEventBase {
  /** The index of the event in the trace. */
  readonly n: number;
  /** The time in milliseconds since the start of the trace. */
  readonly at: number;
}

/** The properties of every event that an endpoint sent. */
export interface TraceSentEventBase extends TraceEventBase {
  /** The sender. */
  readonly from: Endpoint;
  /** The arrival. */
  readonly arrival: TraceArrival;
  /** The time at which the peer read it, in milliseconds since the start of the trace; `null` if it hasn't. */
  readonly receivedAt: number | null;
}

/** A record on the wire. */
export interface TraceRecordEvent extends TraceEventBase {
  /** The type of the event. */
  readonly type: "record";
  /** The sender. */
  readonly from: Endpoint;
  /** The content type in its header; `"application_data"` for encrypted records of TLS 1.3. */
  readonly contentType: string;
  /** The version in its header, such as `"TLSv1.2"`. */
  readonly version: string;
  /** The length of its content in bytes. */
  readonly length: number;
  /** The status of its bytes: the first that isn't `"delivered"`, if there is one. */
  readonly status: DeliveryStatus;
}

/** A handshake message. */
export interface TraceHandshakeEvent<
  Message extends TraceMessage = TraceMessage,
> extends TraceSentEventBase {
  /** The type of the event. */
  readonly type: "handshake";
  /** Whether it was encrypted. */
  readonly encrypted: boolean;
  /** The message as it was sent, or as it was read if it was injected. */
  readonly message: Message;
  /** The message that the peer read in its place, if it was altered. */
  readonly altered: TraceMessage | null;
}

/** A ChangeCipherSpec; in TLS 1.3 only for middlebox compatibility. */
export interface TraceChangeCipherSpecEvent extends TraceSentEventBase {
  /** The type of the event. */
  readonly type: "change_cipher_spec";
}

/** An alert. */
export interface TraceAlertEvent extends TraceSentEventBase {
  /** The type of the event. */
  readonly type: "alert";
  /** Whether it was encrypted. */
  readonly encrypted: boolean;
  /** The level. */
  readonly level: "warning" | "fatal";
  /** The name in the RFCs, such as `"handshake_failure"`. */
  readonly name: string;
  /** The number. */
  readonly code: number;
}

/** A record of application data. */
export interface TraceApplicationDataEvent extends TraceSentEventBase {
  /** The type of the event. */
  readonly type: "application_data";
  /** The length of the encrypted content in bytes. */
  readonly length: number;
  /** Whether it is early data (0-RTT). */
  readonly early: boolean;
}

/** A note of the test or the network. */
export interface TraceNoteEvent extends TraceEventBase {
  /** The type of the event. */
  readonly type: "note";
  /** `null`: a note has no sender. */
  readonly from: null;
  /** The text. */
  readonly text: string;
}

/** An event of a trace. */
export type TraceEvent =
  | TraceRecordEvent
  | TraceHandshakeEvent
  | TraceChangeCipherSpecEvent
  | TraceAlertEvent
  | TraceApplicationDataEvent
  | TraceNoteEvent;

/** An event that an endpoint sent and its peer may have read. */
export type TraceSentEvent = Exclude<
  TraceEvent,
  TraceRecordEvent | TraceNoteEvent
>;
