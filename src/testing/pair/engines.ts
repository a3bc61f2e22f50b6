import { withOptionPath } from "../../internal/option_error.ts";
import { checkEndpoint, type Endpoint, peerOf } from "../endpoint.ts";
import { ownOptions } from "../../internal/own_options.ts";
import { TlsEngine } from "../../tls/engine/engine.ts";
import { PairDriver } from "./drive.ts";
import { PairParts, type PairSetup, PairView } from "./parts.ts";
import { bytesOf, clientOptions } from "./options.ts";
import type {
  TlsPairConnectOptions,
  TlsReconnectOptions,
} from "./connect_options.ts";
import type { TlsPair } from "./types.ts";
import { sandboxInternals } from "./sandbox_internals.ts";

/** A pair of engines. */
export class EnginePair extends PairView implements TlsPair {
  readonly client: TlsEngine;
  readonly server: TlsEngine;
  readonly #connectOptions: TlsPairConnectOptions;
  readonly #parts: PairParts;
  readonly #driver: PairDriver;
  readonly #ownsContexts: boolean;

  /** Creates the engines. Nothing is delivered yet. */
  constructor(
    setup: PairSetup,
    connectOptions: TlsPairConnectOptions,
    ownsContexts: boolean,
  ) {
    const parts = new PairParts(setup);
    super(parts);
    this.#parts = parts;
    this.#connectOptions = connectOptions;
    this.#ownsContexts = ownsContexts;
    this.server = parts.make(
      "server",
      (context) => new TlsEngine(context, { role: "server" }),
    );
    try {
      this.client = withOptionPath(
        ownsContexts ? "client" : [],
        () =>
          parts.make(
            "client",
            (context) => new TlsEngine(context, clientOptions(connectOptions)),
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
    sandboxInternals.get(this.sandbox).pairs.add(this);
  }

  handshake(): Promise<void> {
    return this.run();
  }

  async run(): Promise<void> {
    if (await this.#driver.run()) return;
    throw new Error(
      `The pair has sent thousands of messages without coming to an end:\n${this.trace}\nseed: ${this.seed}`,
    );
  }

  async say(
    from: Endpoint,
    data: Uint8Array | string,
  ): Promise<Uint8Array<ArrayBuffer>> {
    checkEndpoint("from", from);
    this[from].write(bytesOf(data));
    await this.run();
    return this[peerOf(from)].read();
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
    const { hostname = this.#connectOptions.hostname } = own;
    const offered = session === undefined
      ? this.client.session ?? this.#connectOptions.session
      : session ?? undefined;
    return new EnginePair(
      { ...this.#parts.setup, network },
      { hostname, session: offered, earlyData },
      false,
    );
  }

  [Symbol.dispose](): void {
    sandboxInternals.get(this.sandbox).pairs.delete(this);
    this.client[Symbol.dispose]();
    this.server[Symbol.dispose]();
    this.#parts[Symbol.dispose]();
    if (this.#ownsContexts) this.#parts.setup.contexts[Symbol.dispose]();
  }
}
