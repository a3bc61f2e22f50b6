import type { Endpoint } from "../endpoint.ts";
import { NO_OPTIONS, ownOptions } from "../../internal/own_options.ts";
import { OpenSSL } from "../../libssl/openssl.ts";
import {
  TlsContext,
  type TlsContextOptions,
} from "../../tls/context/context.ts";
import { ownContext } from "../../tls/socket/socket_options.ts";
import { within } from "../_option_path.ts";
import type {
  TlsPairClientOptions,
  TlsPairServerOptions,
} from "./connect_options.ts";
import type { TlsPairOptions, TlsSandbox } from "./types.ts";
import { LazyPki } from "../pki/lazy.ts";

/** How long the sandbox's certificates for servers last. */
const FAR_OFF_MS = 90 * 86_400_000;

/** The contexts of a pair, and of those that connect again. */
export class PairContexts implements Disposable {
  /** The client's. */
  readonly client: TlsContext;
  /** The server's. */
  readonly server: TlsContext;
  readonly #sandbox: TlsSandbox;
  readonly #own: TlsContext[] = [];

  /** Makes those that the caller hasn't: with certificates of the sandbox's. */
  constructor(
    { client, server }: Pick<TlsPairOptions, "client" | "server">,
    sandbox: TlsSandbox,
  ) {
    this.#sandbox = sandbox;
    try {
      this.client = this.#context("client", client ?? NO_OPTIONS, () => ({
        openssl: sandbox.client,
        caCerts: [sandbox.pki.ca.cert],
      }));
      this.server = this.#context(
        "server",
        server ?? NO_OPTIONS,
        (options) => ({
          openssl: sandbox.server,
          ...(hasCertificate(options) ? {} : sandbox.pki.server),
          caCerts: [sandbox.pki.ca.cert],
        }),
      );
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  #context(
    end: Endpoint,
    given: TlsPairServerOptions,
    defaults: (options: TlsContextOptions) => TlsContextOptions,
  ): TlsContext {
    const { context, ...rest } = ownOptions(
      end === "client" ? withoutConnectOptions(given) : given,
    );
    const options = ownOptions(rest);
    const path = `options.${end}`;
    if (given instanceof LazyPki) {
      throw new TypeError(
        `${path} must be options, received a PKI: give it pki.${end}`,
      );
    }
    return within(end, () => {
      if (context !== undefined) {
        ownContext(context, options);
        checkTime(context, end, this.#sandbox);
        return context;
      }
      const made = new TlsContext({
        ...defaults(options),
        ...options,
        keyLog: this.#keyLog(options),
      });
      this.#own.push(made);
      return made;
    });
  }

  #keyLog({ keyLog }: TlsContextOptions): (line: string) => void {
    if (keyLog !== undefined && typeof keyLog !== "function") {
      throw new TypeError(
        `options.keyLog must be a function, received ${typeof keyLog}`,
      );
    }
    return (line) => {
      this.#sandbox.keyLog(line);
      keyLog?.(line);
    };
  }

  /** Closes the contexts that were made here. */
  [Symbol.dispose](): void {
    for (const context of this.#own) context.close();
  }
}

/** What says whom a client asks for is no context's. */
function withoutConnectOptions(
  { hostname: _, session: __, earlyData: ___, ...rest }: TlsPairClientOptions,
): TlsPairServerOptions {
  return rest;
}

function hasCertificate({ cert, key }: TlsContextOptions): boolean {
  return cert !== undefined || key !== undefined;
}

/** Other instances may have another time on purpose: the default one has the system's. */
function checkTime(
  { openssl }: TlsContext,
  end: Endpoint,
  { clock }: TlsSandbox,
): void {
  if (openssl !== OpenSSL.default) return;
  const [here, there] = [clock.now(), openssl.now()];
  if (Math.abs(here - there) < FAR_OFF_MS) return;
  const [sandbox, system] = [here, there].map((ms) =>
    new Date(ms).toISOString().slice(0, 10)
  );
  throw new TypeError(
    `options.context must have the sandbox's time, ${sandbox}, received the system's, ${system}: ` +
      `make it with { openssl: sandbox.${end} }, or the sandbox with { start: Date.now() }`,
  );
}
