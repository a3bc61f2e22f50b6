import type { Endpoint } from "../endpoint.ts";
import { checkedInteger } from "../../internal/option_checks.ts";
import { ownOptions } from "../../internal/own_options.ts";
import { wrapped } from "../../internal/wrapped.ts";
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

/** Options of a ladder diagram. */
export interface LadderOptions {
  /**
   * The width in columns, at least 40.
   *
   * @default {80}
   */
  width?: number | undefined;
  /**
   * Whether it is coloured by ANSI escape sequences.
   *
   * @default {false}
   */
  color?: boolean | undefined;
}

const MIN_WIDTH = 40;

/** The parameters of `ESC [ … m` for each kind of text. */
const STYLES = {
  title: "1",
  detail: "0",
  head: "2",
  alert: "1;31",
  fault: "1;33",
} as const;

type Style = keyof typeof STYLES;

/** Returns a diagram of the messages, with the client on the left and the server on the right. */
export function toLadder(
  trace: TraceContents,
  options: LadderOptions = {},
): string {
  const { width = 80, color = false } = ownOptions(options, {
    width: true,
    color: true,
  }, { of: "toLadder" });
  checkedInteger(width, "width", { min: MIN_WIDTH });
  const ladder = new Ladder(width, color);
  const notes = trace.events.filter((event) => event.type === "note");
  ladder.heads();
  for (const flight of trace.flights) {
    const [first] = flight.events;
    // Notes before a flight precede it.
    ladder.notes(notes, first?.n ?? 0);
    ladder.flight(flight, notes);
  }
  ladder.notes(notes, Infinity);
  ladder.end(trace);
  return ladder.lines.join("\n");
}

class Ladder {
  readonly lines: string[] = [];
  readonly #room: number;
  readonly #width: number;
  readonly #hasColor: boolean;

  constructor(width: number, hasColor: boolean) {
    this.#width = width;
    this.#room = width - " │ ".length - " │ ".length;
    this.#hasColor = hasColor;
  }

  heads(): void {
    const gap = this.#width - "client".length - "server".length;
    this.lines.push(`client${" ".repeat(gap)}server`);
  }

  flight(flight: TraceFlight, notes: TraceNoteEvent[]): void {
    const { from, events } = flight;
    this.#line("", "detail", from);
    this.#text([flightHeading(flight)], "head", from);
    for (const group of grouped(events)) {
      const [event] = group;
      if (!event) continue;
      this.notes(notes, event.n);
      this.#arrow(event, group.length);
      this.#text(groupDetails(group), "detail", from);
    }
  }

  /** Draws the notes before an event. */
  notes(notes: TraceNoteEvent[], before: number): void {
    while (notes[0] && notes[0].n < before) {
      const text = printable(notes.shift()?.text ?? "");
      for (const line of wrapped(`!! ${text}`, this.#room - 2)) {
        const rest = Math.max(this.#room - line.length - 2, 0);
        const left = "~".repeat(Math.floor(rest / 2));
        const right = "~".repeat(Math.ceil(rest / 2));
        this.#line(`${left} ${line} ${right}`, "fault", "client");
      }
    }
  }

  end({ outcome: { client, server }, seed }: TraceContents): void {
    const lines = [
      negotiatedLine(server ?? client) ?? negotiatedLine(client),
      client && outcomeLine("client", client),
      server && outcomeLine("server", server),
      seed === null ? null : `seed: ${JSON.stringify(seed)}`,
    ];
    this.lines.push("");
    for (const line of lines) {
      if (line) this.lines.push(...wrapped(printable(line), this.#width));
    }
  }

  #arrow(event: TraceSentEvent, count: number): void {
    const { from, arrival } = event;
    const status = arrivalText(event);
    const title = `${isFatal(event) ? "!! " : ""}${
      count > 1 ? `${count} × ` : ""
    }${eventTitle(event)}${status === null ? "" : ` (${status})`}`;
    const style = status !== null
      ? "fault"
      : isFatal(event)
      ? "alert"
      : "title";
    const name = title.slice(0, this.#room - 4);
    const shaft = shaftOf(event).repeat(this.#room - name.length - 2);
    const line = from === "client"
      ? `${name} ${shaft}${arrival === "missing" ? "✗" : "▶"}`
      : `${arrival === "missing" ? "✗" : "◀"}${shaft} ${name}`;
    this.#line(line, style, from);
  }

  #text(facts: string[], style: Style, from: Endpoint): void {
    const indent = style === "detail" ? 2 : 0;
    for (const line of inLines(facts, this.#room - indent - 8)) {
      this.#line(
        from === "client"
          ? `${" ".repeat(indent)}${line}`
          : `${line}${" ".repeat(indent)}`,
        style,
        from,
      );
    }
  }

  #line(text: string, style: Style, from: Endpoint): void {
    const padded = from === "client"
      ? text.padEnd(this.#room)
      : text.padStart(this.#room);
    const styled = this.#hasColor && text !== ""
      ? `\x1b[${STYLES[style]}m${padded}\x1b[0m`
      : padded;
    this.lines.push(` │ ${styled} │`);
  }
}

function isFatal(event: TraceSentEvent): boolean {
  return event.type === "alert" && event.level === "fatal";
}

/** The shaft of an arrow, which is double for encrypted messages. */
function shaftOf(event: TraceSentEvent): string {
  if (event.arrival === "missing") return "╌";
  const isEncrypted = event.type === "application_data" ||
    (event.type !== "change_cipher_spec" && event.encrypted);
  return isEncrypted ? "═" : "─";
}

/** Fills lines with facts. */
function inLines(facts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const fact of facts) {
    const line = `${lines.at(-1)} · ${fact}`;
    if (lines.length > 0 && line.length <= width) {
      lines[lines.length - 1] = line;
    } else lines.push(...wrapped(fact, width));
  }
  return lines;
}

/** Text without control characters. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, " ");
}
