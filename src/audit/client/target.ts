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
}
