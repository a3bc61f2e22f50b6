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

/** Which messages to look for. */
export interface TraceFilter<Name extends TraceMessageName = TraceMessageName> {
  /** Who sent them. */
  from?: Endpoint | undefined;
  /** The message's name. */
  name?: Name | undefined;
}

/** What a {@linkcode Trace} has besides its events. */
export interface TraceFacts {
  readonly seed: string | null;
  readonly keys: ReadonlySet<string>;
  outcome(side: Endpoint): TraceOutcome | null;
}

/** What happened on a connection, as a {@linkcode TraceRecorder} took it down. */
export class Trace {
  readonly #log: TraceLog;
  readonly #facts: TraceFacts;

  /** @ignore */
  constructor(log: TraceLog, facts: TraceFacts) {
    this.#log = log;
    this.#facts = facts;
  }

  /** What happened, in order. A record comes when its last byte is on the wire. */
  get events(): readonly TraceEvent[] {
    return [...this.#log.events];
  }

  /** What the test is made from; `null` if the recorder wasn't told. */
  get seed(): string | null {
    return this.#facts.seed;
  }

  /** Where each end stands; `null` if it isn't watched. */
  get outcome(): Record<Endpoint, TraceOutcome | null> {
    const { outcome } = this.#facts;
    return { client: outcome("client"), server: outcome("server") };
  }

  /** What was sent in one go: messages of one end until the other's first. */
  get flights(): readonly TraceFlight[] {
    return toFlights(this.#log);
  }

  /**
   * The handshake messages, or some of them.
   *
   * @throws {TypeError} If there is no such end, or the filter has other names.
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
   * All bytes on the wire: for each piece a byte for who sent it (0 is the client), one for
   * its status, its length in four bytes, and itself. The same seed gives the same bytes.
   */
  get transcript(): Uint8Array<ArrayBuffer> {
    return toTranscript(this.#log.segments);
  }

  /**
   * The key log in `SSLKEYLOGFILE` format, of what went to
   * {@linkcode TraceRecorder.keyLog}, or, in a pair, of contexts that it made itself and of
   * those with {@linkcode TlsSandbox.keyLog}. Whoever has it can read the traffic.
   */
  get keyLog(): string {
    return [...this.#facts.keys].map((line) => `${line}\n`).join("");
  }

  /** The messages as a diagram in text: the client on the left, the server on the right. */
  toLadder(options: LadderOptions = {}): string {
    return toLadder(this, options);
  }

  /** {@linkcode Trace.toLadder} by default. */
  toString(): string {
    return this.toLadder();
  }

  /** A page that shows all of it, for a browser. It needs nothing else, and runs nothing. */
  toHtml(): string {
    return toHtml(this);
  }

  /**
   * The traffic as a pcapng file for Wireshark, as TCP/IP packets that are made up. With
   * `keyLog` the file has the keys in it, and Wireshark shows it decrypted.
   *
   * @throws {TypeError} If the keys are asked for and none were logged, or an option has
   * another name.
   */
  toPcapng(
    options: { keyLog?: boolean | undefined } = {},
  ): Uint8Array<ArrayBuffer> {
    const { keyLog: addsKeys } = ownOptions(options, { keyLog: true });
    const { keyLog } = this;
    if (addsKeys && keyLog === "") {
      throw new TypeError(
        "Cannot add the key log, as there is none: one of the contexts needs " +
          "sandbox.keyLog, or that of the recorder, as its keyLog",
      );
    }
    return toPcapng(this.#log, {
      keyLog: addsKeys ? keyLog : null,
      comment: this.seed === null ? null : `seed: ${this.seed}`,
    });
  }

  /** All but the bytes and the keys, for `JSON.stringify`. */
  toJSON(): {
    seed: string | null;
    events: readonly TraceEvent[];
    outcome: Record<Endpoint, TraceOutcome | null>;
  } {
    const { seed, events, outcome } = this;
    return { seed, events, outcome };
  }
}
