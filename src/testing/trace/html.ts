import {
  arrivalText,
  eventDetails,
  eventTitle,
  flightHeading,
  negotiatedLine,
  outcomeLine,
} from "./descriptions.ts";
import type { TraceContents } from "./contents.ts";
import type { TraceNoteEvent, TraceSentEvent } from "./events.ts";
import type { TraceFlight } from "./flights.ts";
import { STYLE } from "./style.ts";

/** A piece of HTML, as opposed to text, which is escaped. */
class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Returns an HTML page of a trace, without scripts and external resources. */
export function toHtml(trace: TraceContents): string {
  const { seed, outcome } = trace;
  const title = seed === null ? "TLS trace" : `TLS trace, seed ${seed}`;
  const notes = trace.events.filter((event) => event.type === "note");
  const lines = [
    negotiatedLine(outcome.server) ?? negotiatedLine(outcome.client),
    outcome.client && outcomeLine("client", outcome.client),
    outcome.server && outcomeLine("server", outcome.server),
  ].filter((line) => line !== null);
  return markup`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
<h1>TLS trace</h1>
${lines.map((line) => markup`<p>${line}</p>\n`)}${
    seed === null
      ? []
      : markup`<p>seed: <code>${JSON.stringify(seed)}</code></p>\n`
  }<main>
<div class="ends"><span>client</span><span>server</span></div>
${trace.flights.map((flight) => flightOf(flight, notes))}${
    notesBefore(notes, Infinity)
  }</main>
</html>
`.text;
}

function flightOf(flight: TraceFlight, notes: TraceNoteEvent[]): Markup {
  const { from, events } = flight;
  return markup`${
    notesBefore(notes, events[0]?.n ?? 0)
  }<section class="${from}">
<h2>${flightHeading(flight)}</h2>
${
    events.map((event) => [...notesBefore(notes, event.n), eventOf(event)])
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

function eventOf(event: TraceSentEvent): Markup {
  const status = arrivalText(event);
  const isFatal = event.type === "alert" && event.level === "fatal";
  const kind = [
    isEncrypted(event) ? "encrypted" : "clear",
    ...(status === null ? [] : ["fault", event.arrival]),
    ...(isFatal ? ["fatal"] : []),
  ].join(" ");
  const { type, n, from, ...fields } = event;
  const details = event.type === "handshake"
    ? { ...fields, ...event.message, message: undefined }
    : fields;
  const facts = eventDetails(event).map((fact) => markup`<li>${fact}</li>`);
  return markup`<details class="${kind}" id="${`${type}-${n}`}">
<summary><b>${eventTitle(event)}</b>${
    status === null ? [] : markup` <em>${status}</em>`
  }<span class="sr"> from the ${from}</span><i></i>${
    facts.length === 0 ? [] : markup`<ul>${facts}</ul>`
  }</summary>
${valueOf(details)}
</details>
`;
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

type Part = string | Markup | readonly Part[];

/** HTML whose interpolated strings are escaped. */
function markup(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(
    strings.map((string, i) =>
      (i > 0 ? rendered(parts[i - 1] ?? []) : "") + string
    )
      .join(""),
  );
}

function rendered(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === "string") return escaped(part);
  return part.map(rendered).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
