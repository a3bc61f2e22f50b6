import type { TlsTransport } from "../tls/socket/transport.ts";
import type { Deadline } from "./client/deadline.ts";
import type { Target } from "./client/target.ts";
import { TransportWire, type Wire } from "./client/wire.ts";
import { askForTls, type StartTlsProtocol } from "./starttls/mod.ts";

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
    const transport = await deadline.within(
      Promise.resolve(this.#connect(node, deadline)),
    );
    if (this.#starttls) {
      await askForTls(transport, this.#starttls, deadline.left);
    }
    return new TransportWire(transport);
  }
}
