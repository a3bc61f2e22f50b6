import type { StoreCall, Trace, TraceEvent } from "../../../src/testing/mod.ts";
import {
  arrivalText,
  eventDetails,
  eventTitle,
} from "../../../src/testing/trace/descriptions.ts";
import type { TraceSentEvent } from "../../../src/testing/trace/events.ts";

/** An arrow of a ladder. */
export interface ArrowRow {
  readonly kind: "arrow";
  readonly from: "client" | "server";
  /** In milliseconds since the start. */
  readonly at: number;
  readonly title: string;
  readonly details: readonly string[];
  readonly isEncrypted: boolean;
  readonly isLost: boolean;
  readonly isFault: boolean;
}

/** A call of the store. */
export interface StoreRow {
  readonly kind: "store";
  readonly at: number;
  readonly title: string;
  readonly isFault: boolean;
}

/** What somebody else did. */
export interface NoteRow {
  readonly kind: "note";
  readonly at: number;
  readonly title: string;
}

/** A row of a ladder. */
export type Row = ArrowRow | StoreRow | NoteRow;

/** What a ladder shows. */
export interface LadderSource {
  readonly trace: Pick<Trace, "events">;
  /** The calls of the store, which happen at the server. */
  readonly storeCalls: readonly StoreCall[];
  /** The time at which the trace starts, in milliseconds since 1970. */
  readonly startedAt: number;
  /** How long bytes are on their way, in milliseconds. */
  readonly delay: number;
}

/** The rows of a ladder from top to bottom. */
export function rowsOf(
  { trace, storeCalls, startedAt, delay }: LadderSource,
): Row[] {
  const calls = storeCalls.map((call) => storeRow(call, startedAt));
  const rows: Row[] = [];
  for (const event of trace.events) {
    if (event.type === "record") continue;
    // A server asks the store before it answers.
    while (event.from === "server" && (calls[0]?.at ?? Infinity) <= event.at) {
      rows.push(...calls.splice(0, 1));
    }
    rows.push({ ...rowOf(event), at: sentAt(event, delay) });
  }
  return [...rows, ...calls];
}

/** When a message left: a server holds tickets back until the store has their sessions. */
function sentAt(
  event: Exclude<TraceEvent, { type: "record" }>,
  delay: number,
): number {
  return event.type === "note" || event.receivedAt === null
    ? event.at
    : Math.max(event.at, event.receivedAt - delay);
}

function rowOf(event: Exclude<TraceEvent, { type: "record" }>): Row {
  if (event.type === "note") {
    return { kind: "note", at: event.at, title: event.text };
  }
  const arrival = arrivalText(event);
  const title = eventTitle(event);
  const isFatal = event.type === "alert" && event.level === "fatal";
  return {
    kind: "arrow",
    from: event.from,
    at: event.at,
    title: arrival === null ? title : `${title} (${arrival})`,
    details: eventDetails(event),
    isEncrypted: isEncrypted(event),
    isLost: event.arrival === "missing",
    isFault: isFatal || arrival !== null,
  };
}

function isEncrypted(event: TraceSentEvent): boolean {
  if (event.type === "change_cipher_spec") return false;
  return event.type === "application_data" || event.encrypted;
}

function storeRow(call: StoreCall, startedAt: number): StoreRow {
  const { operation, outcome, duration, reason } = call;
  const facts = [
    `${operation}: ${outcome === "pending" ? "no answer" : outcome}`,
    ...(reason === undefined ? [] : [reason]),
    ...(duration ? [`${duration} ms`] : []),
  ];
  return {
    kind: "store",
    at: call.at - startedAt,
    title: facts.join(", "),
    isFault: outcome === "error" || outcome === "pending",
  };
}
