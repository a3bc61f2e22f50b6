import type { SocketCore } from "../socket/socket_core.ts";

/** After how many networks it is looked which of them have no handshake any more. */
const MIN_NETWORKS = 64;

/** A handshake that is under way, linked to those before and after it. */
export class PendingHandshake {
  readonly socket: SocketCore;
  readonly network: Network;
  queue: Queue | undefined;
  before: PendingHandshake | undefined;
  after: PendingHandshake | undefined;

  constructor(socket: SocketCore, network: Network) {
    this.socket = socket;
    this.network = network;
  }
}

/**
 * Handshakes, the oldest first. A `Set` would do, but for the tables that V8 leaves of one that
 * much is added to and deleted from: see `Deadlines`.
 */
class Queue {
  first: PendingHandshake | undefined;
  size = 0;
  #last: PendingHandshake | undefined;

  push(handshake: PendingHandshake): void {
    handshake.queue = this;
    handshake.before = this.#last;
    if (this.#last) this.#last.after = handshake;
    else this.first = handshake;
    this.#last = handshake;
    this.size++;
  }

  remove(handshake: PendingHandshake): void {
    const { before, after } = handshake;
    if (before) before.after = after;
    else this.first = after;
    if (after) after.before = before;
    else this.#last = before;
    handshake.queue = handshake.before = handshake.after = undefined;
    this.size--;
  }
}

/** The handshakes with one network. */
class Network {
  /** Those that had no answer when they were last looked at. */
  readonly silent: Queue = new Queue();
  readonly answered: Queue = new Queue();

  get size(): number {
    return this.silent.size + this.answered.size;
  }

  /**
   * The oldest of those that wait for a hello, or of those that have an answer, whichever are
   * more: so neither silence nor hellos keep the others of the same network out, and who has
   * an answer is in no danger from those who say nothing.
   */
  victim(): PendingHandshake | undefined {
    const { silent, answered } = this;
    while (silent.first?.socket.io.wire.hasWritten) {
      const { first } = silent;
      silent.remove(first);
      answered.push(first);
    }
    return answered.size > silent.size
      ? answered.first
      : silent.first ?? answered.first;
  }
}

/**
 * The handshakes that are under way, and which of them gives way when there are too many:
 * one of the network that has most of them, so that nobody is kept out by another's flood.
 */
export class PendingHandshakes {
  readonly #networks = new Map<string, Network>();
  #maxNetworks = MIN_NETWORKS;
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** Adds one with a peer of this address. */
  add(socket: SocketCore, hostname: string): PendingHandshake {
    const network = this.#networkOf(hostname);
    const handshake = new PendingHandshake(socket, network);
    network.silent.push(handshake);
    this.#size++;
    return handshake;
  }

  /** Takes one out. */
  delete(handshake: PendingHandshake): void {
    if (!handshake.queue) return;
    handshake.queue.remove(handshake);
    this.#size--;
  }

  /** Takes out the one to evict. */
  takeVictim(): SocketCore | undefined {
    let largest: Network | undefined;
    for (const network of this.#networks.values()) {
      if (network.size > (largest?.size ?? 0)) largest = network;
    }
    const victim = largest?.victim();
    if (victim) this.delete(victim);
    return victim?.socket;
  }

  /** Takes all out. */
  takeAll(): SocketCore[] {
    const all: SocketCore[] = [];
    for (const { answered, silent } of this.#networks.values()) {
      for (const queue of [answered, silent]) {
        for (let next = queue.first; next; next = queue.first) {
          all.push(next.socket);
          this.delete(next);
        }
      }
    }
    this.#networks.clear();
    return all;
  }

  #networkOf(hostname: string): Network {
    const name = networkOf(hostname);
    const known = this.#networks.get(name);
    if (known) return known;
    if (this.#networks.size >= this.#maxNetworks) this.#dropIdle();
    const network = new Network();
    this.#networks.set(name, network);
    return network;
  }

  /** Not each when its last handshake is done: the next one is likely to come. */
  #dropIdle(): void {
    for (const [name, { size }] of this.#networks) {
      if (size === 0) this.#networks.delete(name);
    }
    this.#maxNetworks = Math.max(MIN_NETWORKS, 2 * this.#networks.size);
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
