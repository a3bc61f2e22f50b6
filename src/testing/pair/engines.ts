import { ownOptions } from "../../internal/own_options.ts";
import { TlsEngine } from "../../tls/engine/engine.ts";
import { PairDriver } from "./drive.ts";
import { PairParts, type PairSetup, PairView } from "./parts.ts";
import { other } from "../network/direction.ts";
import type { NetworkEnd } from "../network.ts";
import { checkSide, within } from "../_option_path.ts";
import {
  bytesOf,
  clientOptions,
  type TlsPairVisit,
  type TlsReconnectOptions,
} from "./options.ts";
import type { TlsPair } from "../pair.ts";
import { pairsOf } from "../sandbox.ts";

/** Two engines on a network. */
export class EnginePair extends PairView implements TlsPair {
  readonly client: TlsEngine;
  readonly server: TlsEngine;
  readonly #visit: TlsPairVisit;
  readonly #parts: PairParts;
  readonly #driver: PairDriver;
  readonly #ownsContexts: boolean;

  /** Engines that haven't exchanged anything yet. */
  constructor(setup: PairSetup, visit: TlsPairVisit, ownsContexts: boolean) {
    const parts = new PairParts(setup);
    super(parts);
    this.#parts = parts;
    this.#visit = visit;
    this.#ownsContexts = ownsContexts;
    this.server = parts.make(
      "server",
      (context) => new TlsEngine(context, { role: "server" }),
    );
    try {
      this.client = within(
        ownsContexts ? "client" : [],
        () =>
          parts.make(
            "client",
            (context) => new TlsEngine(context, clientOptions(visit)),
          ),
      );
    } catch (error) {
      this.server[Symbol.dispose]();
      throw error;
    }
    const { client, server } = this;
    parts.recorder.watch("client", client);
    parts.recorder.watch("server", server);
    this.#driver = new PairDriver({ client, server }, this.network, this.clock);
    pairsOf(this.sandbox).add(this);
  }

  handshake(): Promise<void> {
    return this.run();
  }

  async run(): Promise<void> {
    if (await this.#driver.run()) return;
    throw new Error(
      `The pair doesn't come to rest:\n${this.trace}\nseed: ${this.seed}`,
    );
  }

  async say(
    from: NetworkEnd,
    data: Uint8Array | string,
  ): Promise<Uint8Array<ArrayBuffer>> {
    checkSide("from", from);
    this[from].write(bytesOf(data));
    await this.run();
    return this[other(from)].read();
  }

  async close(): Promise<void> {
    this.client.close();
    this.server.close();
    await this.run();
  }

  reconnect(options: TlsReconnectOptions = {}): TlsPair {
    const own = ownOptions(options, {
      hostname: true,
      session: true,
      earlyData: true,
      network: true,
    });
    const { network, session, earlyData } = own;
    const { hostname = this.#visit.hostname } = own;
    const offered = session === undefined
      ? this.client.session ?? this.#visit.session
      : session ?? undefined;
    return new EnginePair(
      { ...this.#parts.setup, network },
      { hostname, session: offered, earlyData },
      false,
    );
  }

  [Symbol.dispose](): void {
    pairsOf(this.sandbox).delete(this);
    this.client[Symbol.dispose]();
    this.server[Symbol.dispose]();
    this.#parts[Symbol.dispose]();
    if (this.#ownsContexts) this.#parts.setup.contexts[Symbol.dispose]();
  }
}
