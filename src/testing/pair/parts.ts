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
/** The position of the random in a ClientHello (RFC 8446, section 4.1.2). */
const RANDOM = [6, 38] as const;

/** The sandbox, contexts and options of a pair. */
export interface PairSetup {
  /** The sandbox. */
  readonly sandbox: TlsSandbox;
  /** The contexts of its endpoints. */
  readonly contexts: PairContexts;
  /** The options of the network. */
  readonly network?: NetworkOptions | undefined;
  /** Whether its trace hides secrets. */
  readonly redact?: boolean | undefined;
}

/** The public properties that pairs of engines and of sockets share. */
export class PairView {
  /** The sandbox. */
  readonly sandbox: TlsSandbox;
  /** The sandbox's seed. */
  readonly seed: string;
  /** The sandbox's clock. */
  readonly clock: VirtualClock;
  /** The network between the endpoints. */
  readonly network: Network;
  /** The trace. */
  readonly trace: Trace;

  /** Exposes the parts of a pair. */
  constructor({ setup, network, recorder }: PairParts) {
    this.sandbox = setup.sandbox;
    this.seed = setup.sandbox.seed;
    this.clock = setup.sandbox.clock;
    this.network = network;
    this.trace = recorder.trace;
  }
}

/** The network and the trace of a pair of engines or sockets. */
export class PairParts implements Disposable {
  /** The setup of the pair. */
  readonly setup: PairSetup;
  /** The recorder of the trace. */
  readonly recorder: TraceRecorder;
  /** The network between the endpoints. */
  readonly network: Network;
  readonly #stopKeyLog: () => void;
  /** The randoms of client hellos, by which the lines of key logs are told apart. */
  readonly #randoms = new Set<string>();
  /** The label and client random of the lines that were logged. */
  readonly #logged = new Set<string>();

  /** Creates a network without endpoints. */
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

  /** Calls `make` to create an endpoint, whose messages are counted and traced from the first on. */
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
   * Adds a line of the key log. If the hello was replayed to another pair's server, there are
   * lines with the same random and other secrets: only the first of each label counts.
   */
  #log(line: string): void {
    const [label, random = ""] = line.split(" ");
    const name = `${label} ${random}`;
    if (!this.#randoms.has(random) || this.#logged.has(name)) return;
    this.#logged.add(name);
    this.recorder.keyLog(line);
  }

  /** Stops adding lines of the key log. */
  [Symbol.dispose](): void {
    this.#stopKeyLog();
  }
}
