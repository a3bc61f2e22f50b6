import { withOptionPath } from "../../internal/option_error.ts";
import { socketCores, type TlsSocket } from "../../tls/socket/socket.ts";
import { startTls } from "../../tls/socket/start_tls.ts";
import { PairParts, type PairSetup, PairView } from "./parts.ts";
import { NetworkStreams } from "./streams.ts";
import type { TlsPairConnectOptions } from "./connect_options.ts";
import { clientOptions } from "./options.ts";
import type { TlsSocketPair } from "./types.ts";

/** The settings of a pair of sockets. */
export interface SocketSettings {
  /** Whether only `advance` moves the clock. */
  readonly isManual: boolean;
  /** The limit of the handshake in milliseconds. */
  readonly handshakeTimeout?: number | undefined;
}

/** A pair of sockets. */
export class SocketPair extends PairView implements TlsSocketPair {
  readonly client: TlsSocket;
  readonly server: TlsSocket;
  readonly #parts: PairParts;
  readonly #streams: NetworkStreams;

  /** Creates the sockets, whose handshake begins. */
  constructor(
    setup: PairSetup,
    connectOptions: TlsPairConnectOptions,
    { isManual, handshakeTimeout }: SocketSettings,
  ) {
    const parts = new PairParts(setup);
    const { clock } = setup.sandbox;
    const streams = new NetworkStreams(parts.network, clock, isManual);
    const limit = handshakeTimeout !== undefined && { handshakeTimeout };
    super(parts);
    this.#parts = parts;
    this.#streams = streams;
    this.server = parts.make(
      "server",
      (context) =>
        startTls(streams.transport("server"), {
          role: "server",
          context,
          ...limit,
        }),
    );
    try {
      this.client = withOptionPath("client", () =>
        parts.make(
          "client",
          (context) =>
            startTls(streams.transport("client"), {
              ...clientOptions(connectOptions),
              context,
              ...limit,
            }),
        ));
    } catch (error) {
      socketCores.get(this.server).abort(error);
      throw error;
    }
    parts.recorder.watchSocket("server", this.server);
    parts.recorder.watchSocket("client", this.client);
  }

  advance(ms: number): Promise<void> {
    return this.#streams.advance(ms);
  }

  async close(): Promise<void> {
    await Promise.all([
      this.client[Symbol.asyncDispose](),
      this.server[Symbol.asyncDispose](),
    ]);
    this.#parts[Symbol.dispose]();
    this.#parts.setup.contexts[Symbol.dispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
