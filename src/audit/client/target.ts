import type { TlsTransport } from "../../tls/socket/transport.ts";
import type { Deadline } from "./deadline.ts";
import type { Wire } from "./wire.ts";

/** The server: what is visited. */
export interface Target {
  /** Its addresses. */
  readonly nodes: readonly string[];
  /**
   * Connects to an address.
   *
   * @throws What connecting fails with.
   */
  open(node: string, deadline: Deadline): Promise<Wire>;
  /** Connects for someone who needs streams. */
  connect(node: string, deadline: Deadline): Promise<TlsTransport>;
}
