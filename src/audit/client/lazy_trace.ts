import type { Endpoint } from "../../testing/endpoint.ts";
import { RecordStream } from "../../testing/trace/records.ts";
import {
  type Trace,
  type TraceListener,
  TraceRecorder,
} from "../../testing/trace.ts";

/** The most bytes and records on the wire of one connection that are kept. */
const MAX_BYTES = 2 ** 16;
const MAX_RECORDS = 256;
/** The most messages, and the most bytes of them: an audit keeps hundreds of connections. */
const MAX_MESSAGES = 256;
const MAX_MESSAGE_BYTES = 2 ** 17;

/** A recorder with the listeners of both ends. */
interface Recording {
  readonly recorder: TraceRecorder;
  readonly client: TraceListener;
  readonly server: TraceListener;
}

/** The trace of a connection, which is made when it is looked at: most never are. */
export class LazyTrace {
  readonly #now: () => number;
  /** The time that the recorder sees. */
  #time: number;
  readonly #start: number;
  #bytes = 0;
  #records = 0;
  readonly #streams: Readonly<Record<Endpoint, RecordStream>> = {
    client: new RecordStream(),
    server: new RecordStream(),
  };
  #messages = 0;
  #messageBytes = 0;
  #recording: Recording | null = null;
  readonly #entries: { time: number; add: (to: Recording) => void }[] = [];

  /** Starts a trace with a clock in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
    this.#start = this.#time = now();
  }

  /** The trace. */
  get trace(): Trace {
    const recording = this.#recording ??= this.#begin();
    for (const { time, add } of this.#entries) {
      this.#time = time;
      add(recording);
    }
    this.#entries.length = 0;
    return recording.recorder.trace;
  }

  /** Adds a note. */
  note(text: string): void {
    this.#add(({ recorder }) => recorder.note(text));
  }

  /** Adds bytes on the wire, which aren't copied if all are kept. */
  wire(from: Endpoint, bytes: Uint8Array): void {
    if (this.#records > MAX_RECORDS) return;
    const kept = own(bytes.subarray(0, MAX_BYTES - this.#bytes));
    this.#bytes += kept.length;
    this.#records += this.#streams[from].push(kept, "delivered").length;
    if (this.#records > MAX_RECORDS || kept.length === 0) return;
    this.#add(({ recorder }) => recorder.wire(from, kept, "delivered"));
  }

  /** Adds a message of one end, as its message callback reports it; the other end reads it. */
  message(
    from: Endpoint,
    version: number,
    type: number,
    bytes: Uint8Array,
  ): void {
    if (this.#isFull(bytes.length)) return;
    const to = from === "client" ? "server" : "client";
    this.#add((recording) => {
      recording[from](1, version, type, bytes);
      recording[to](0, version, type, bytes);
    });
  }

  /** Whether so many bytes more are too much. The first time a note says so. */
  #isFull(bytes: number): boolean {
    if (this.#messages > MAX_MESSAGES) return true;
    this.#messages++;
    this.#messageBytes += bytes;
    if (
      this.#messages <= MAX_MESSAGES && this.#messageBytes <= MAX_MESSAGE_BYTES
    ) return false;
    this.#messages = Infinity;
    this.note(
      "The messages that follow are too many, or too large, to be kept",
    );
    return true;
  }

  #add(add: (to: Recording) => void): void {
    this.#entries.push({ time: this.#now(), add });
  }

  #begin(): Recording {
    this.#time = this.#start;
    const recorder = new TraceRecorder({ clock: { now: () => this.#time } });
    return {
      recorder,
      client: recorder.listener("client"),
      server: recorder.listener("server"),
    };
  }
}

/** Bytes that don't keep a much larger buffer alive. */
function own(bytes: Uint8Array): Uint8Array {
  return bytes.buffer.byteLength > 2 * bytes.length ? bytes.slice() : bytes;
}
