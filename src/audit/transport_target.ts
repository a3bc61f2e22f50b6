import { checkCarrier } from "../tls/socket/carrier.ts";
import type { TlsTransport } from "../tls/socket/transport.ts";
import type { Deadline } from "./client/deadline.ts";
import type { Target } from "./client/target.ts";
import { TransportWire, type Wire } from "./client/wire.ts";
import { askInTime, type StartTlsProtocol } from "./starttls/mod.ts";

/** Connects to a node of the server. */
export type Connect = (
  node: string,
  deadline: Deadline,
) => TlsTransport | Promise<TlsTransport>;

/** A server that transports lead to. */
export class TransportTarget implements Target {
  readonly nodes: readonly string[];
  readonly #connect: Connect;
  readonly #starttls: StartTlsProtocol | undefined;

  /** Makes a target of nodes. With `starttls` each connection asks for TLS first. */
  constructor(
    nodes: readonly string[],
    connect: Connect,
    starttls?: StartTlsProtocol,
  ) {
    this.nodes = nodes;
    this.#connect = connect;
    this.#starttls = starttls;
  }

  async open(node: string, deadline: Deadline): Promise<Wire> {
    if (!this.nodes.includes(node)) {
      throw new TypeError(`There is no node ${node}`);
    }
    const transport = await this.#connected(node, deadline);
    checkCarrier(transport);
    if (this.#starttls) await askInTime(transport, this.#starttls, deadline);
    return new TransportWire(transport);
  }

  async #connected(node: string, deadline: Deadline): Promise<TlsTransport> {
    deadline.signal?.throwIfAborted();
    const connecting = Promise.resolve(this.#connect(node, deadline));
    try {
      return await deadline.within(connecting);
    } catch (error) {
      // It is ended if it comes when nobody waits for it any more.
      connecting.then((late) => new TransportWire(late).close("at once"))
        .catch(() => {});
      throw error;
    }
  }
}
