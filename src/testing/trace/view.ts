import { checkEndpoint, type Endpoint } from "../endpoint.ts";
import { ownOptions } from "../../internal/own_options.ts";
import type { TraceEvent, TraceHandshakeEvent } from "./events.ts";
import { toFlights, type TraceFlight } from "./flights.ts";
import { toHtml } from "./html.ts";
import { type LadderOptions, toLadder } from "./ladder.ts";
import type { TraceLog } from "./log.ts";
import type { TraceOutcome } from "./outcome.ts";
import type { TraceMessageName, TraceMessageOf } from "./messages.ts";
import { toPcapng } from "./pcapng.ts";
import { toTranscript } from "./transcript.ts";

/** A filter of messages. */
export interface TraceFilter<Name extends TraceMessageName = TraceMessageName> {
  /** The sender. */
  from?: Endpoint | undefined;
  /** The name of the message. */
  name?: Name | undefined;
}

/** The facts of a {@linkcode Trace} besides its events. */
export interface TraceFacts {
  readonly seed: string | null;
  readonly keys: ReadonlySet<string>;
  outcome(side: Endpoint): TraceOutcome | null;
}

/** The trace of a connection, which a {@linkcode TraceRecorder} records. */
export class Trace {
  readonly #log: TraceLog;
  readonly #facts: TraceFacts;

  /** @ignore */
  constructor(log: TraceLog, facts: TraceFacts) {
    this.#log = log;
    this.#facts = facts;
  }

  /** The events in order. A record is an event when its last byte is on the wire. */
  get events(): readonly TraceEvent[] {
    return [...this.#log.events];
  }

  /** The seed of the test; `null` if the recorder has none. */
  get seed(): string | null {
    return this.#facts.seed;
  }

  /** The outcome of each endpoint; `null` if it isn't recorded. */
  get outcome(): Record<Endpoint, TraceOutcome | null> {
    const { outcome } = this.#facts;
    return { client: outcome("client"), server: outcome("server") };
  }

  /** The flights: the messages of one endpoint up to the first of its peer. */
  get flights(): readonly TraceFlight[] {
    return toFlights(this.#log);
  }

  /**
   * The handshake messages that match a filter, by default all.
   *
   * @throws {TypeError} If there is no such endpoint, or the filter has an unknown name.
   */
  messages<Name extends TraceMessageName = TraceMessageName>(
    filter: TraceFilter<Name> = {},
  ): TraceHandshakeEvent<TraceMessageOf<Name>>[] {
    const { from, name } = ownOptions(filter, { from: true, name: true });
    if (from !== undefined) checkEndpoint("options.from", from);
    return this.#log.events.filter((
      event,
    ): event is TraceHandshakeEvent<TraceMessageOf<Name>> =>
      event.type === "handshake" &&
      (from === undefined || event.from === from) &&
      (name === undefined || event.message.name === name)
    );
  }

  /**
   * All bytes on the wire. Each piece is preceded by one byte for its sender (0 is the client),
   * one for its status, and four for its length. The same seed gives the same bytes.
   */
  get transcript(): Uint8Array<ArrayBuffer> {
    return toTranscript(this.#log.segments);
  }

  /**
   * The key log in `SSLKEYLOGFILE` format: the lines that {@linkcode TraceRecorder.keyLog}
   * received. For a pair they are those of contexts that it created and of those with
   * {@linkcode TlsSandbox.keyLog}. The key log decrypts the traffic.
   */
  get keyLog(): string {
    return [...this.#facts.keys].map((line) => `${line}\n`).join("");
  }

  /** A ladder diagram of the messages in text, with the client on the left. */
  toLadder(options: LadderOptions = {}): string {
    return toLadder(this, options);
  }

  /** The ladder diagram. */
  toString(): string {
    return this.toLadder();
  }

  /** An HTML page of the trace, without scripts and external resources. */
  toHtml(): string {
    return toHtml(this);
  }

  /**
   * The traffic as a pcapng file for Wireshark, in synthetic TCP/IP packets. With `keyLog` the
   * file includes the key log, and Wireshark decrypts it.
   *
   * @throws {TypeError} If `keyLog` is true and no keys were logged, or an option has an
   * unknown name.
   */
  toPcapng(
    options: { keyLog?: boolean | undefined } = {},
  ): Uint8Array<ArrayBuffer> {
    const { keyLog: addsKeys } = ownOptions(options, { keyLog: true });
    const { keyLog } = this;
    if (addsKeys && keyLog === "") {
      throw new TypeError(
        "Cannot add the key log: no keys were logged; a context needs the keyLog of the " +
          "sandbox or of the recorder",
      );
    }
    return toPcapng(this.#log, {
      keyLog: addsKeys ? keyLog : null,
      comment: this.seed === null ? null : `seed: ${this.seed}`,
    });
  }

  /** The trace without bytes and keys, for `JSON.stringify`. */
  toJSON(): {
    seed: string | null;
    events: readonly TraceEvent[];
    outcome: Record<Endpoint, TraceOutcome | null>;
  } {
    const { seed, events, outcome } = this;
    return { seed, events, outcome };
  }
}
