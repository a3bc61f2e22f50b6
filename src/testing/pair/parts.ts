import type { Endpoint } from "../endpoint.ts";
import { SSL3_RT_HANDSHAKE } from "../../libssl/constants.ts";
import { withOptionPath } from "../../internal/option_error.ts";
import type { TlsContext } from "../../tls/context/context.ts";
import { contextCores } from "../../tls/context/context_core.ts";
import {
  type ConnectionObserver,
  observed,
} from "../../tls/engine/observer.ts";
import { MessageMeter } from "../network/messages.ts";
import type { PairContexts } from "./contexts.ts";
import { toHex } from "../../internal/bytes.ts";
import type { VirtualClock } from "../clock.ts";
import { Network, type NetworkOptions } from "../network.ts";
import { sandboxInternals } from "./sandbox_internals.ts";
import type { TlsSandbox } from "./types.ts";
import { type Trace, TraceRecorder } from "../trace.ts";

const CLIENT_HELLO = 1;
/** Where a client hello has its random (RFC 8446, section 4.1.2). */
const RANDOM = [6, 38] as const;

/** What a pair is made of. */
export interface PairSetup {
  /** Where it runs. */
  readonly sandbox: TlsSandbox;
  /** What its ends are configured by. */
  readonly contexts: PairContexts;
  /** How the network behaves. */
  readonly network?: NetworkOptions | undefined;
  /** Whether its trace shows no secrets. */
  readonly redact?: boolean | undefined;
}

/** What pairs of engines and of sockets have in common, of what they show. */
export class PairView {
  /** Where the ends live. */
  readonly sandbox: TlsSandbox;
  /** The sandbox's seed. */
  readonly seed: string;
  /** The sandbox's clock. */
  readonly clock: VirtualClock;
  /** What joins the ends. */
  readonly network: Network;
  /** What happened. */
  readonly trace: Trace;

  /** Shows what it is made of. */
  constructor({ setup, network, recorder }: PairParts) {
    this.sandbox = setup.sandbox;
    this.seed = setup.sandbox.seed;
    this.clock = setup.sandbox.clock;
    this.network = network;
    this.trace = recorder.trace;
  }
}

/** What pairs of engines and of sockets are made of: a network, and a trace of it. */
export class PairParts implements Disposable {
  /** How it was made. */
  readonly setup: PairSetup;
  /** What takes everything down. */
  readonly recorder: TraceRecorder;
  /** What joins the ends. */
  readonly network: Network;
  readonly #stopKeyLog: () => void;
  /** Of the client hellos, by which key logs tell connections apart. */
  readonly #randoms = new Set<string>();
  /** What was logged, by label and client random. */
  readonly #logged = new Set<string>();

  /** A network whose ends are yet to be made. */
  constructor(setup: PairSetup) {
    const { sandbox, network = {}, redact } = setup;
    const { seed, clock } = sandbox;
    this.setup = setup;
    this.recorder = new TraceRecorder({ seed, clock, redact });
    this.network = withOptionPath(
      "network",
      () => new Network(network, { clock, observer: this.recorder }),
    );
    this.#stopKeyLog = sandboxInternals.get(sandbox).keyLog.listen((line) =>
      this.#log(line)
    );
  }

  /** Makes an end by `make`: its messages are counted and traced from the first on. */
  make<T>(end: Endpoint, make: (context: TlsContext) => T): T {
    const context = this.setup.contexts[end];
    const listener = this.recorder.listener(end);
    const meter = new MessageMeter((at) =>
      this.network.announceMessage(end, at)
    );
    const observer: ConnectionObserver = {
      message: (written, version, type, bytes) => {
        if (written) meter.written(type, bytes);
        if (type === SSL3_RT_HANDSHAKE && bytes[0] === CLIENT_HELLO) {
          this.#randoms.add(toHex(bytes.subarray(...RANDOM)));
        }
        listener(written, version, type, bytes);
      },
    };
    return observed(contextCores.get(context), observer, () => make(context));
  }

  /**
   * A hello that is replayed to another pair's server has this random too, and other secrets,
   * which mustn't take the place of those here: the first of a label stays.
   */
  #log(line: string): void {
    const [label, random = ""] = line.split(" ");
    const name = `${label} ${random}`;
    if (!this.#randoms.has(random) || this.#logged.has(name)) return;
    this.#logged.add(name);
    this.recorder.keyLog(line);
  }

  /** Takes nothing more down of the key log. */
  [Symbol.dispose](): void {
    this.#stopKeyLog();
  }
}
