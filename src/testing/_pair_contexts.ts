import { TlsContext } from "../tls/context.ts";
import type { TlsContextOptions } from "../tls/context_options.ts";
import { ownContext } from "../tls/socket_options.ts";
import type { NetworkEnd } from "./network.ts";
import type { TlsPairOptions } from "./_pair_options.ts";
import type { TlsSandbox } from "./sandbox.ts";

/** The contexts of a pair, and of those that connect again. */
export class PairContexts implements Disposable {
  /** The client's. */
  readonly client: TlsContext;
  /** The server's. */
  readonly server: TlsContext;
  readonly #own: TlsContext[] = [];
  readonly #listeners = new Set<(line: string) => void>();

  /** Makes those that the caller hasn't: with certificates of the sandbox's. */
  constructor(
    { client, server }: Pick<TlsPairOptions, "client" | "server">,
    sandbox: TlsSandbox,
  ) {
    try {
      this.client = this.#context("client", client ?? {}, () => ({
        openssl: sandbox.client,
        caCerts: [sandbox.pki.ca.cert],
      }));
      this.server = this.#context("server", server ?? {}, (options) => ({
        openssl: sandbox.server,
        ...(hasCertificate(options) ? {} : sandbox.pki.server),
        caCerts: [sandbox.pki.ca.cert],
      }));
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Has `listener` told of each line of the contexts' key logs: returns how to end that. */
  onKeyLog(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #context(
    end: NetworkEnd,
    given: NonNullable<TlsPairOptions["client"]>,
    defaults: (options: TlsContextOptions) => TlsContextOptions,
  ): TlsContext {
    const { context, hostname: _, session: __, earlyData: ___, ...options } =
      given;
    if (context !== undefined) return ownContext(context, options).context;
    if (options.keyLog !== undefined && typeof options.keyLog !== "function") {
      throw new TypeError(
        `options.${end}.keyLog must be a function, received ${typeof options
          .keyLog}`,
      );
    }
    const made = new TlsContext({
      ...defaults(options),
      ...options,
      keyLog: (line) => {
        for (const listener of this.#listeners) listener(line);
        options.keyLog?.(line);
      },
    });
    this.#own.push(made);
    return made;
  }

  /** Closes the contexts that were made here. */
  [Symbol.dispose](): void {
    for (const context of this.#own) context.close();
  }
}

function hasCertificate({ cert, key }: TlsContextOptions): boolean {
  return cert !== undefined || key !== undefined;
}
