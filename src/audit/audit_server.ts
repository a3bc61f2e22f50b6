import {
  formatAddress,
  type HostPort,
  parseAddress,
} from "../internal/address.ts";
import {
  checkedChoice,
  checkedPort,
  checkFunction,
} from "../internal/option_checks.ts";
import { optionTypeError } from "../internal/option_error.ts";
import { ownOptions } from "../internal/own_options.ts";
import { received } from "../internal/received.ts";
import { addressesOf, connectTcp, halfClosable } from "../tls/deno/tcp.ts";
import { parseHostName } from "../tls/peer/host_name.ts";
import type { TlsTransport } from "../tls/socket/transport.ts";
import { type Audit, newAudit } from "./audit.ts";
import {
  AUDIT_OPTION_NAMES,
  type AuditChanges,
  type AuditOptions,
} from "./options.ts";
import {
  auditSettings,
  checkChanges,
  checkDistinct,
  checkedStrings,
} from "./settings.ts";
import { startTlsPorts, type StartTlsProtocol } from "./starttls/mod.ts";
import { type Connect, TransportTarget } from "./transport_target.ts";

/** Options of {@linkcode auditServer}. */
export interface AuditServerOptions extends AuditOptions {
  /** The host name or IP address of the server. It isn't needed with `connect`. */
  hostname?: string;
  /** The port. By default 443, or that of `starttls`. */
  port?: number;
  /**
   * The addresses of the server's nodes, each a host or a host with a port, such as
   * `"192.0.2.1"` and `"[2001:db8::1]:8443"`; with `connect`, whatever it takes. By default the
   * addresses of `hostname`.
   */
  nodes?: readonly string[];
  /** The protocol in which the server is asked for TLS first. */
  starttls?: StartTlsProtocol;
  /**
   * Connects to a node, in place of TCP: for runtimes other than Deno, and for servers in
   * memory. The audit ends what it is given.
   */
  connect?: (node: string) => TlsTransport | Promise<TlsTransport>;
  /**
   * Changes the configuration of the server, or has its operator do so: a function of what a
   * probe asks for, or an object of functions. A probe asks for a change and then again, to
   * have it undone.
   */
  change?: AuditChanges;
}

const NAMES: Readonly<Record<keyof AuditServerOptions, true>> = {
  ...AUDIT_OPTION_NAMES,
  change: true,
  connect: true,
  hostname: true,
  nodes: true,
  port: true,
  starttls: true,
};

const HTTPS_PORT = 443;
/** The node of a server that `connect` leads to. */
const ONLY_NODE = "server";

/**
 * Audits a server: over TCP in Deno, or over the transports of `connect`. It is safe for the
 * server: the number of connections is bounded, and there is one at a time, unless
 * `concurrency` says otherwise.
 *
 * The server's certificate isn't verified: an audit looks at how sessions are resumed.
 *
 * @example What a server does wrong
 * ```ts
 * import { listenTls } from "@sesame/tls";
 * import { auditServer } from "@sesame/tls/audit";
 * import { createTestCertificate } from "@sesame/tls/testing";
 * import { assertNotEquals } from "@std/assert";
 *
 * using listener = listenTls({ port: 0, ...createTestCertificate() });
 * (async () => {
 *   for await (const socket of listener) socket.readable.pipeTo(socket.writable);
 * })();
 * const { port } = listener.addr;
 * const audit = auditServer({
 *   hostname: "localhost",
 *   port,
 *   probes: ["behaviour/kinds"],
 * });
 * for await (const { verdict, probe, summary } of audit) {
 *   console.log(`${verdict}: ${probe}: ${summary}`);
 *   assertNotEquals(verdict, "fail");
 * }
 * ```
 *
 * @throws {TypeError} If an option is not of its type or has an unknown name, or this isn't
 * Deno and there is no `connect`.
 * @throws {RangeError} If an option is out of its range.
 */
export function auditServer(options: AuditServerOptions): Audit {
  const own = ownOptions(options, NAMES, { of: "auditServer" });
  const { hostname, connect, starttls, change, nodes } = own;
  checkFunction(connect, "connect");
  checkChanges(change);
  if (starttls !== undefined) {
    const known = Object.keys(startTlsPorts) as StartTlsProtocol[];
    checkedChoice(starttls, known, "starttls");
  }
  const port = checkedPort(
    own.port ?? (starttls ? startTlsPorts[starttls] : HTTPS_PORT),
  );
  const given = nodes === undefined
    ? undefined
    : checkedStrings(nodes, "nodes");
  if (given?.length === 0) {
    throw optionTypeError("nodes", "must have at least one node");
  }
  const host = hostname === undefined && connect !== undefined
    ? "localhost"
    : parseHostName(hostname).name;
  const settings = auditSettings(own, host, starttls === undefined);
  if (connect !== undefined) {
    checkDistinct(given ?? [], "nodes");
    const target = new TransportTarget(given ?? [ONLY_NODE], connect, starttls);
    return newAudit(() => ({ settings, target, change }));
  }
  if (typeof Deno === "undefined") {
    throw new TypeError(
      "Cannot connect: auditServer needs Deno; elsewhere pass options.connect, such as () => nodeTransport(net.connect(port, host))",
    );
  }
  const addresses = given && dialledAddresses(given, port);
  checkDistinct((addresses ?? []).map(formatAddress), "nodes");
  return newAudit(async () => {
    const found = addresses ??
      (await addressesOf(hostname ?? host, settings.signal)).map((
        hostname,
      ) => ({
        hostname,
        port,
      }));
    const names = given ?? found.map(formatAddress);
    const target = new TransportTarget(names, overTcp(names, found), starttls);
    return { settings, target, change };
  });
}

/** Connects to nodes, whose addresses are in the same order. */
function overTcp(
  nodes: readonly string[],
  addresses: readonly HostPort[],
): Connect {
  return async (node, { left, signal }) => {
    const address = addresses[nodes.indexOf(node)];
    if (address === undefined) throw new TypeError(`There is no node ${node}`);
    const conn = await connectTcp(address, left, signal);
    // A request doesn't wait for the server to acknowledge the client's last flight.
    conn.setNoDelay(true);
    return halfClosable(conn);
  };
}

function dialledAddresses(nodes: readonly string[], port: number): HostPort[] {
  return nodes.map((node, i) => {
    const { hostname, port: own = port } = parseAddress(node) ??
      { hostname: node };
    if (own > MAX_PORT) {
      throw optionTypeError(
        ["nodes", i],
        `must be a host or host:port, received ${received(node)}`,
      );
    }
    return {
      hostname: parseHostName(hostname, ["nodes", i]).dialled,
      port: own,
    };
  });
}

const MAX_PORT = 65_535;
