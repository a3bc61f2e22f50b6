import { htmlPage, type Markup, markup } from "../../internal/markup.ts";
import {
  arrivalText,
  eventTitle,
  flightHeading,
  negotiatedLine,
  outcomeLine,
} from "./descriptions.ts";
import { groupDetails, grouped } from "./groups.ts";
import type { TraceContents } from "./contents.ts";
import type { TraceNoteEvent, TraceSentEvent } from "./events.ts";
import type { TraceFlight } from "./flights.ts";
import { LADDER_STYLE, PAGE_STYLE } from "./style.ts";

/** Returns an HTML page of a trace, without scripts and external resources. */
export function toHtml(trace: TraceContents): string {
  const { seed, outcome } = trace;
  const title = seed === null ? "TLS trace" : `TLS trace, seed ${seed}`;
  const lines = [
    negotiatedLine(outcome.server) ?? negotiatedLine(outcome.client),
    outcome.client && outcomeLine("client", outcome.client),
    outcome.server && outcomeLine("server", outcome.server),
  ].filter((line) => line !== null);
  const body = markup`${lines.map((line) => markup`<p>${line}</p>\n`)}${
    seed === null
      ? []
      : markup`<p>seed: <code>${JSON.stringify(seed)}</code></p>\n`
  }<main>
${toLadderMarkup(trace, { hasFields: true })}</main>
`;
  const style = PAGE_STYLE + LADDER_STYLE;
  return htmlPage({ title, heading: "TLS trace", style, body });
}

/**
 * Returns the ladder of a trace, for a page with {@linkcode LADDER_STYLE}.
 *
 * @param options.hasFields Whether all fields of a message can be unfolded, and it has an id.
 */
export function toLadderMarkup(
  trace: TraceContents,
  { hasFields }: { hasFields: boolean },
): Markup {
  const notes = trace.events.filter((event) => event.type === "note");
  const drawn = hasFields ? unfoldables : messagesOf;
  return markup`<div class="ladder">
<div class="ends"><span>client</span><span>server</span></div>
${trace.flights.map((flight) => flightOf(flight, notes, drawn))}${
    notesBefore(notes, Infinity)
  }</div>
`;
}

function flightOf(
  flight: TraceFlight,
  notes: TraceNoteEvent[],
  drawn: (events: readonly TraceSentEvent[]) => Drawn[],
): Markup {
  const { from, events } = flight;
  return markup`${
    notesBefore(notes, events[0]?.n ?? 0)
  }<section class="${from}">
<p class="flight">${flightHeading(flight)}</p>
${
    drawn(events).map(([n, markup]) => [...notesBefore(notes, n), markup])
  }</section>
`;
}

/** Removes and returns the notes before an event. */
function notesBefore(notes: TraceNoteEvent[], before: number): Markup[] {
  const taken: Markup[] = [];
  while (notes[0] && notes[0].n < before) {
    taken.push(markup`<p class="note">${notes.shift()?.text ?? ""}</p>\n`);
  }
  return taken;
}

/** What is drawn, and the number of its first event. */
type Drawn = readonly [n: number, markup: Markup];

function messagesOf(events: readonly TraceSentEvent[]): Drawn[] {
  return grouped(events).flatMap((group) => {
    const [event] = group;
    if (event === undefined) return [];
    return [[
      event.n,
      markup`<div class="message ${kindOf(event)}">${headOf(event, group)}</div>
`,
    ]];
  });
}

function unfoldables(events: readonly TraceSentEvent[]): Drawn[] {
  return events.map((event) => [event.n, unfoldable(event)]);
}

function unfoldable(event: TraceSentEvent): Markup {
  const { type, n, from: _from, ...fields } = event;
  const details = event.type === "handshake"
    ? { ...fields, ...event.message, message: undefined }
    : fields;
  return markup`<details id="${`${type}-${n}`}">
<summary class="message ${kindOf(event)}">${headOf(event)}</summary>
${valueOf(details)}
</details>
`;
}

/** The title of an event, or of several that are alike, its arrow and its facts. */
function headOf(
  event: TraceSentEvent,
  group: readonly TraceSentEvent[] = [event],
): Markup {
  const status = arrivalText(event);
  const facts = groupDetails(group).map((fact) => markup`<li>${fact}</li>`);
  const count = group.length > 1 ? `${group.length} × ` : "";
  return markup`<b>${count}${eventTitle(event)}</b>${
    status === null ? [] : markup` <em>${status}</em>`
  }<span class="sr"> from the ${event.from}</span><i></i>${
    facts.length === 0 ? [] : markup`<ul>${facts}</ul>`
  }`;
}

/** The classes of an event. */
function kindOf(event: TraceSentEvent): string {
  const isFatal = event.type === "alert" && event.level === "fatal";
  return [
    isEncrypted(event) ? "encrypted" : "clear",
    ...(arrivalText(event) === null ? [] : ["fault", event.arrival]),
    ...(isFatal ? ["fatal"] : []),
  ].join(" ");
}

function isEncrypted(event: TraceSentEvent): boolean {
  if (event.type === "change_cipher_spec") return false;
  return event.type === "application_data" || event.encrypted;
}

/** Returns any value of an event as HTML. */
function valueOf(value: unknown): Markup {
  if (typeof value !== "object" || value === null) {
    return markup`${String(value)}`;
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return markup`none`;
    const items = value.map((item) => markup`<li>${valueOf(item)}</li>`);
    return markup`<ol start="0">${items}</ol>`;
  }
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([name, field]) => markup`<dt>${name}</dt><dd>${valueOf(field)}</dd>`);
  return markup`<dl>${fields}</dl>`;
}
