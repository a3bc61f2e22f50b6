import type { SocketCore } from "../socket/socket_core.ts";

/** The handshakes with one network, the oldest first. */
class NetworkHandshakes {
  /** Those that had no answer when they were last looked at. */
  readonly #silent = new Set<SocketCore>();
  /** Made when one is looked for to give way: most networks have one handshake, and only now. */
  #answered: Set<SocketCore> | undefined;

  get size(): number {
    return this.#silent.size + (this.#answered?.size ?? 0);
  }

  add(socket: SocketCore): void {
    this.#silent.add(socket);
  }

  delete(socket: SocketCore): void {
    this.#silent.delete(socket);
    this.#answered?.delete(socket);
  }

  /**
   * The oldest of those that wait for a hello, or of those that have an answer, whichever are
   * more: so neither silence nor hellos keep the others of the same network out, and who has
   * an answer is in no danger from those who say nothing.
   */
  victim(): SocketCore | undefined {
    const answering = this.#answered ??= new Set();
    for (const socket of this.#silent) {
      if (!socket.io.wire.hasWritten) break;
      this.#silent.delete(socket);
      answering.add(socket);
    }
    const [silent] = this.#silent;
    const [answered] = answering;
    return answering.size > this.#silent.size ? answered : silent ?? answered;
  }
}

/**
 * The handshakes that are under way, and which of them gives way when there are too many:
 * one of the network that has most of them, so that nobody is kept out by another's flood.
 */
export class PendingHandshakes {
  readonly #networks = new Map<string, NetworkHandshakes>();
  readonly #networkOf = new Map<SocketCore, string>();

  /** How many there are. */
  get size(): number {
    return this.#networkOf.size;
  }

  /** Adds one with a peer of this address. */
  add(socket: SocketCore, hostname: string): void {
    const network = networkOf(hostname);
    this.#networkOf.set(socket, network);
    const others = this.#networks.get(network) ?? new NetworkHandshakes();
    this.#networks.set(network, others);
    others.add(socket);
  }

  /** Takes one out. */
  delete(socket: SocketCore): void {
    const network = this.#networkOf.get(socket);
    if (network === undefined) return;
    this.#networkOf.delete(socket);
    const others = this.#networks.get(network);
    others?.delete(socket);
    if (others?.size === 0) this.#networks.delete(network);
  }

  /** Takes out the one that has to give way. */
  takeVictim(): SocketCore | undefined {
    let largest: NetworkHandshakes | undefined;
    for (const handshakes of this.#networks.values()) {
      if (handshakes.size > (largest?.size ?? 0)) largest = handshakes;
    }
    const victim = largest?.victim();
    if (victim) this.delete(victim);
    return victim;
  }

  /** Takes all out. */
  takeAll(): SocketCore[] {
    const all = [...this.#networkOf.keys()];
    this.#networks.clear();
    this.#networkOf.clear();
    return all;
  }
}

/** What one peer can choose its addresses from: of IPv6, at least 64 bits. */
export function networkOf(hostname: string): string {
  if (!hostname.includes(":")) return hostname;
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(hostname) ?? [];
  if (mapped !== undefined) return mapped;
  const [address = ""] = hostname.split("%");
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const rest = tail ? tail.split(":") : [];
  const gap = tail === undefined ? 0 : 8 - groups.length - rest.length;
  const all = [
    ...groups,
    ...Array<string>(Math.max(gap, 0)).fill("0"),
    ...rest,
  ];
  return all.slice(0, 4).map((group) => Number.parseInt(group, 16)).join(":");
}
