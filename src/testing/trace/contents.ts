import type { Endpoint } from "../endpoint.ts";
import type { TraceEvent } from "./events.ts";
import type { TraceFlight } from "./flights.ts";
import type { TraceOutcome } from "./outcome.ts";

/** The contents of a trace that diagrams and pages show. */
export interface TraceContents {
  readonly seed: string | null;
  readonly events: readonly TraceEvent[];
  readonly flights: readonly TraceFlight[];
  readonly outcome: Readonly<Record<Endpoint, TraceOutcome | null>>;
}
