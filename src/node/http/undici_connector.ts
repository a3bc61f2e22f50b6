import { connect as connectTcp, type Socket } from "node:net";
import { MemorySessionStore } from "../../stores/memory.ts";
import { validateBoolean, validateInteger } from "../errors/validate.ts";
import {
  connect,
  type ConnectionOptions,
  createSecureContext,
  type TLSSocket,
} from "../mod.ts";
import { settingsOf } from "../socket/connect.ts";

/** Options of {@linkcode undiciConnector}. */
export interface UndiciConnectorOptions extends ConnectionOptions {
  /** Whether HTTP/2 is offered as well. By default false, as in undici. */
  allowH2?: boolean | undefined;
  /**
   * How long connecting may take, in milliseconds; 0 for no limit. By default 10 000, as in undici.
   */
  connectTimeout?: number | undefined;
}

/** The connection that undici asks for. */
export interface UndiciTarget {
  /** The host. */
  hostname: string;
  /** The host with its port. */
  host?: string | undefined;
  /** `"https:"` or `"http:"`. */
  protocol: string;
  /** The port; that of the protocol if there is none. */
  port: string;
  /** The name of the server, if it isn't the host's. */
  servername?: string | undefined;
  /** The address to connect from. */
  localAddress?: string | null | undefined;
  /** A connection to start TLS on, such as one through a proxy. */
  httpSocket?: Socket | undefined;
}

/** What undici takes as `connect` of its `Agent`, `Pool` and `Client`. */
export type UndiciConnector = (
  target: UndiciTarget,
  callback: (...args: [null, Socket] | [Error, null]) => void,
) => void;

const MAX_SESSIONS = 100;
const CONNECT_TIMEOUT_MS = 10_000;
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Has undici, and its `fetch`, use this package's TLS:
 * `new Agent({ connect: undiciConnector({ ca, cert, key, sessions }) })`. It resumes sessions:
 * those of `sessions`, which connectors and processes may share, or of a store of its own. All
 * connections share one `SecureContext`, which is made here.
 *
 * @throws {TypeError} If an option has a wrong type; with Node's code.
 * @throws {RangeError} If `connectTimeout` or `minDHSize` is out of its range.
 * @throws {Error} With OpenSSL's reason, for what it refuses, such as a `ca` that can't be parsed.
 */
export function undiciConnector(
  options: UndiciConnectorOptions = {},
): UndiciConnector {
  const {
    allowH2 = false,
    connectTimeout = CONNECT_TIMEOUT_MS,
    sessions = new MemorySessionStore({ maxEntries: MAX_SESSIONS }),
    ...tls
  } = options;
  validateBoolean(allowH2, "options.allowH2");
  validateInteger(connectTimeout, "options.connectTimeout", 0, MAX_TIMEOUT_MS);
  const given = {
    ALPNProtocols: allowH2 ? ["h2", "http/1.1"] : ["http/1.1"],
    ...tls,
    sessions,
  };
  const settings = settingsOf(given);
  const common = {
    ...given,
    secureContext: tls.secureContext || createSecureContext(settings),
  };
  return (
    { protocol, hostname, host, port, servername, localAddress, httpSocket },
    callback,
  ) => {
    const isTls = protocol === "https:";
    const where = {
      host: hostname,
      port: Number(port) || (isTls ? 443 : 80),
      ...(localAddress && { localAddress }),
    };
    const name = servername ?? common.servername;
    const socket: TLSSocket | Socket = isTls
      ? connect({
        ...common,
        ...where,
        ...(name && { servername: name }),
        ...(httpSocket && { socket: httpSocket }),
      })
      : connectTcp(where);
    socket.setKeepAlive(true, 60_000);
    const timer = connectTimeout === 0 ? undefined : setTimeout(
      () =>
        socket.destroy(
          new Error(`Connecting to ${host ?? hostname} took too long`),
        ),
      connectTimeout,
    );
    const done = (error: Error | null): void => {
      clearTimeout(timer);
      socket.off("error", done);
      if (error) callback(error, null);
      else callback(null, socket as Socket);
    };
    socket.once(isTls ? "secureConnect" : "connect", () => done(null));
    socket.once("error", done);
  };
}
