import type { DeliveryStatus } from "../network/types.ts";
import type { Endpoint } from "../endpoint.ts";
import type { TraceSentEvent } from "./events.ts";
import type { TraceLog } from "./log.ts";

/** A flight: what one endpoint sent before its peer's next message. */
export interface TraceFlight {
  /** The sender. */
  readonly from: Endpoint;
  /** The time of its first message in milliseconds since the start of the trace. */
  readonly at: number;
  /** The messages, alerts, ChangeCipherSpecs and records of application data. */
  readonly events: readonly TraceSentEvent[];
  /** The number of records. */
  readonly records: number;
  /** The number of bytes on the wire, by status. */
  readonly bytes: Readonly<Partial<Record<DeliveryStatus, number>>>;
}

interface Flight extends TraceFlight {
  readonly events: TraceSentEvent[];
  records: number;
  readonly bytes: Partial<Record<DeliveryStatus, number>>;
}

/** The flights of a connection. Bytes belong to the last flight of their sender. */
export function toFlights(
  { events, segments }: Pick<TraceLog, "events" | "segments">,
): TraceFlight[] {
  const flights: Flight[] = [];
  let segment = 0;
  const count = (position: number): void => {
    for (; (segments[segment]?.position ?? Infinity) <= position; segment++) {
      const { from = "client", bytes, status = "delivered" } =
        segments[segment] ?? {};
      const flight = flights.findLast((flight) => flight.from === from);
      if (flight === undefined) continue;
      flight.bytes[status] = (flight.bytes[status] ?? 0) + (bytes?.length ?? 0);
    }
  };
  for (const event of events) {
    count(event.n);
    if (event.type === "note") continue;
    const own = flights.findLast(({ from }) => from === event.from);
    if (event.type === "record") {
      if (own) own.records++;
      continue;
    }
    const last = flights.at(-1);
    if (last?.from === event.from) last.events.push(event);
    else flights.push(newFlight(event));
  }
  count(events.length);
  return flights;
}

function newFlight(event: TraceSentEvent): Flight {
  const { from, at } = event;
  return { from, at, events: [event], records: 0, bytes: {} };
}
