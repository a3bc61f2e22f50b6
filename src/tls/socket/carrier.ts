import { formatAddress } from "../../internal/address.ts";
import { ConnWire } from "./conn_wire.ts";
import { StreamWire } from "./stream_wire.ts";
import type { TcpConnection } from "./tcp_connection.ts";
import type { TlsTransport } from "./transport.ts";
import type { Wire } from "./wire.ts";

/** What can carry a connection's bytes: two streams, or a TCP connection of Deno's. */
export type Carrier = TlsTransport | TcpConnection;

/** A carrier's addresses, as far as it has any. */
export interface CarrierAddresses {
  /** The peer's, such as `"192.0.2.1:443"`. */
  readonly remoteAddress?: string;
  /** The one at this end. */
  readonly localAddress?: string;
}

/** Takes a carrier over, which must have been checked. */
export function wireOver(carrier: Carrier): Wire {
  return isTcpConnection(carrier)
    ? new ConnWire(carrier)
    : new StreamWire(carrier);
}

/** A carrier's addresses. */
export function addressesOf(carrier: Carrier): CarrierAddresses {
  if (isTcpConnection(carrier)) {
    return {
      remoteAddress: formatAddress(carrier.remoteAddr),
      localAddress: formatAddress(carrier.localAddr),
    };
  }
  const { remoteAddress, localAddress } = carrier;
  return {
    ...(remoteAddress !== undefined && { remoteAddress }),
    ...(localAddress !== undefined && { localAddress }),
  };
}

/** Throws a `TypeError` unless `transport` can carry a connection and nobody else uses it. */
export function checkCarrier(transport: Carrier): void {
  if (
    transport !== null && typeof transport === "object" && "pipe" in transport
  ) {
    throw new TypeError(
      "transport must be { readable, writable }, received a stream of Node's: nodeTransport makes one of it",
    );
  }
  const { readable, writable } = (transport ?? {}) as Partial<TlsTransport>;
  if (isTcpConnection(transport) && !readable && !writable) return;
  if (typeof readable?.getReader !== "function") {
    throw new TypeError(
      `transport.readable must be a ReadableStream, received ${typeof readable}`,
    );
  }
  if (typeof writable?.getWriter !== "function") {
    throw new TypeError(
      `transport.writable must be a WritableStream, received ${typeof writable}`,
    );
  }
  if (readable.locked || writable.locked) {
    throw new TypeError(
      `transport.${
        readable.locked ? "readable" : "writable"
      } must not be locked`,
    );
  }
}

/** A TLS socket has all but `setNoDelay`, and ends otherwise: its streams are used. */
function isTcpConnection(carrier: Carrier): carrier is TcpConnection {
  const methods = ["read", "write", "closeWrite", "close", "setNoDelay"];
  const members = (carrier ?? {}) as unknown as Record<string, unknown>;
  return methods.every((name) => typeof members[name] === "function");
}
