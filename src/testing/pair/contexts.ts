import { checkFunction } from "../../internal/option_checks.ts";
import {
  optionTypeError,
  withOptionPath,
} from "../../internal/option_error.ts";
import type { Endpoint } from "../endpoint.ts";
import { NO_OPTIONS, ownOptions } from "../../internal/own_options.ts";
import { OpenSSL } from "../../libssl/openssl.ts";
import {
  TlsContext,
  type TlsContextOptions,
} from "../../tls/context/context.ts";
import { ownContext } from "../../tls/socket/socket_options.ts";
import type {
  TlsPairClientOptions,
  TlsPairServerOptions,
} from "./connect_options.ts";
import type { TlsPairOptions, TlsSandbox } from "./types.ts";
import { LazyPki } from "../pki/lazy.ts";

/** The validity of a sandbox's server certificates. */
const VALIDITY_MS = 90 * 86_400_000;

/** The contexts of a pair and of the pairs that it reconnects. */
export class PairContexts implements Disposable {
  /** The client's context. */
  readonly client: TlsContext;
  /** The server's context. */
  readonly server: TlsContext;
  readonly #sandbox: TlsSandbox;
  readonly #own: TlsContext[] = [];

  /** Creates the contexts that the options don't have, with certificates of the sandbox. */
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
    endpoint: Endpoint,
    given: TlsPairServerOptions,
    defaults: (options: TlsContextOptions) => TlsContextOptions,
  ): TlsContext {
    const { context, ...rest } = ownOptions(
      endpoint === "client" ? withoutConnectOptions(given) : given,
    );
    const options = ownOptions(rest);
    if (given instanceof LazyPki) {
      throw optionTypeError(
        endpoint,
        `must be options, received a TestPki: pass pki.${endpoint}`,
      );
    }
    return withOptionPath(endpoint, () => {
      if (context !== undefined) {
        ownContext(context, options);
        checkTime(context, endpoint, this.#sandbox);
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
    checkFunction(keyLog, "keyLog");
    return (line) => {
      this.#sandbox.keyLog(line);
      keyLog?.(line);
    };
  }

  /** Closes the contexts that were created here. */
  [Symbol.dispose](): void {
    for (const context of this.#own) context.close();
  }
}

/** The options of a client's context, without those of its connection. */
function withoutConnectOptions(
  { hostname: _, session: __, earlyData: ___, ...rest }: TlsPairClientOptions,
): TlsPairServerOptions {
  return rest;
}

function hasCertificate({ cert, key }: TlsContextOptions): boolean {
  return cert !== undefined || key !== undefined;
}

/** Refuses a context of the default instance, whose clock is the system's, in a sandbox of another time. */
function checkTime(
  { openssl }: TlsContext,
  endpoint: Endpoint,
  { clock }: TlsSandbox,
): void {
  if (openssl !== OpenSSL.default) return;
  const [here, there] = [clock.now(), openssl.now()];
  if (Math.abs(here - there) < VALIDITY_MS) return;
  const [sandbox, system] = [here, there].map((ms) =>
    new Date(ms).toISOString().slice(0, 10)
  );
  throw optionTypeError(
    "context",
    `must have the sandbox's time, ${sandbox}, received the system's, ${system}: ` +
      `create it with { openssl: sandbox.${endpoint} }, or the sandbox with { start: Date.now() }`,
  );
}
