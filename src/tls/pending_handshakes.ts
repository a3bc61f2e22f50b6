import { hasAnswered, type TlsSocket } from "./socket.ts";

/**
 * The handshakes that are under way, and which of them gives way when there are too many:
 * one of the network that has most of them, so that nobody is kept out by another's flood.
 */
export class PendingHandshakes {
  readonly #networks = new Map<string, Set<TlsSocket>>();
  readonly #networkOf = new Map<TlsSocket, string>();

  /** How many there are. */
  get size(): number {
    return this.#networkOf.size;
  }

  /** Adds one with a peer of this address. */
  add(socket: TlsSocket, hostname: string): void {
    const network = networkOf(hostname);
    this.#networkOf.set(socket, network);
    const others = this.#networks.get(network);
    if (others) others.add(socket);
    else this.#networks.set(network, new Set([socket]));
  }

  /** Takes one out. */
  delete(socket: TlsSocket): void {
    const network = this.#networkOf.get(socket);
    if (network === undefined) return;
    this.#networkOf.delete(socket);
    const others = this.#networks.get(network);
    others?.delete(socket);
    if (others?.size === 0) this.#networks.delete(network);
  }

  /** Takes out the one that has to give way. */
  takeVictim(): TlsSocket | undefined {
    let largest: ReadonlySet<TlsSocket> = new Set();
    for (const sockets of this.#networks.values()) {
      if (sockets.size > largest.size) largest = sockets;
    }
    const victim = victimOf(largest);
    if (victim) this.delete(victim);
    return victim;
  }

  /** Takes all out. */
  takeAll(): TlsSocket[] {
    const all = [...this.#networkOf.keys()];
    this.#networks.clear();
    this.#networkOf.clear();
    return all;
  }
}

/**
 * The oldest of those that wait for a hello, or of those that have an answer, whichever are
 * more: so neither silence nor hellos keep the others of the same network out, and who has
 * an answer is in no danger from those who say nothing.
 */
function victimOf(sockets: ReadonlySet<TlsSocket>): TlsSocket | undefined {
  const all = [...sockets];
  const answered = all.filter(hasAnswered);
  if (2 * answered.length > all.length) return answered[0];
  return all.find((socket) => !hasAnswered(socket));
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
