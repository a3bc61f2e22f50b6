import { type Endpoint, peerOf } from "../endpoint.ts";
import type { TlsTransport } from "../../tls/socket/transport.ts";
import { flushMicrotasks, moveTo } from "./time.ts";
import type { VirtualClock } from "../clock.ts";
import type { Network, NetworkDelivery } from "../network.ts";

/** How many bytes an end takes before someone reads them. */
const RECEIVE_BYTES = 16_384;
/** How many bytes may be under way before a writer has to wait. */
const SEND_BYTES = 16_384;

const ENDS = ["client", "server"] as const;

/** One end's streams, from within. */
interface End {
  readonly transport: TlsTransport;
  readonly readable: ReadableStreamDefaultController<Uint8Array>;
  readonly writable: WritableStreamDefaultController;
  /** Those who wait until the network has room. */
  waiting: { resolve: () => void; reject: (error: unknown) => void } | null;
  isOver: boolean;
}

/** Streams on a network: a transport for each end. */
export class NetworkStreams {
  readonly #network: Network;
  readonly #clock: VirtualClock;
  readonly #isManual: boolean;
  readonly #ends: Readonly<Record<Endpoint, End>>;
  #isRunning = false;
  #hasNews = false;

  /** Streams by a clock, which waits to be moved if it `isManual`. */
  constructor(network: Network, clock: VirtualClock, isManual: boolean) {
    this.#network = network;
    this.#clock = clock;
    this.#isManual = isManual;
    this.#ends = { client: this.#end("client"), server: this.#end("server") };
  }

  /** What an end reads and writes. */
  transport(end: Endpoint): TlsTransport {
    return this.#ends[end].transport;
  }

  /** Lets time pass, with all that arrives in it, and the answers. */
  async advance(ms: number): Promise<void> {
    if (!(Number.isFinite(ms) && ms >= 0)) {
      throw new RangeError(`ms must be a number from 0, received ${ms}`);
    }
    const until = this.#clock.now() + ms;
    for (;;) {
      this.#deliver();
      await flushMicrotasks();
      const next = Math.min(
        this.#nextArrival() ?? Infinity,
        this.#clock.next ?? Infinity,
      );
      if (next > until) break;
      moveTo(this.#clock, next);
    }
    moveTo(this.#clock, until);
  }

  #end(name: Endpoint): End {
    let readableController!: End["readable"];
    let writableController!: End["writable"];
    const readable = new ReadableStream<Uint8Array>({
      start: (controller) => void (readableController = controller),
      pull: () => this.#schedule(),
      cancel: () => {
        this.#ends[name].isOver = true;
        this.#network.refuse(name);
        this.#schedule();
      },
    }, {
      highWaterMark: RECEIVE_BYTES,
      size: (chunk) => chunk.length,
    });
    const writable = new WritableStream<Uint8Array>({
      start: (controller) => void (writableController = controller),
      write: (chunk) => this.#write(name, chunk),
      close: () => {
        this.#network.end(name);
        this.#schedule();
      },
      abort: () => {
        this.#network.reset(name);
        this.#schedule();
      },
    });
    return {
      transport: { readable, writable },
      readable: readableController,
      writable: writableController,
      waiting: null,
      isOver: false,
    };
  }

  #write(from: Endpoint, chunk: Uint8Array): Promise<void> | undefined {
    this.#network.send(from, chunk);
    this.#schedule();
    if (this.#network.underway(peerOf(from)) < SEND_BYTES) return undefined;
    return new Promise((resolve, reject) => {
      this.#ends[from].waiting = { resolve, reject };
    });
  }

  /** Delivers what is due, if that isn't under way. */
  #schedule(): void {
    this.#hasNews = true;
    if (!this.#isRunning) this.#run().catch((error) => this.#fail(error));
  }

  /** Delivers, and lets the ends answer before time passes. */
  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      while (this.#hasNews) {
        this.#hasNews = false;
        await flushMicrotasks();
        this.#deliver();
        const next = this.#nextArrival();
        if (this.#hasNews || this.#isManual || next === null) continue;
        moveTo(this.#clock, next);
        this.#hasNews = true;
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** When something arrives that an end takes. */
  #nextArrival(): number | null {
    const arrivals = ENDS.filter((end) => this.#takes(end))
      .map((end) => this.#network.arrival(end) ?? Infinity);
    const next = Math.min(...arrivals);
    return next === Infinity ? null : next;
  }

  #takes(name: Endpoint): boolean {
    const { readable, isOver } = this.#ends[name];
    return !isOver && (readable.desiredSize ?? 0) > 0;
  }

  /** Hands over all that is due, as far as it is taken. */
  #deliver(): void {
    for (let hasMoved = true; hasMoved;) {
      hasMoved = false;
      for (const end of ENDS) {
        const delivery = this.#takes(end) || this.#network.isDead
          ? this.#network.deliver(end)
          : null;
        if (!delivery) continue;
        this.#hand(delivery);
        hasMoved = true;
      }
    }
    for (const end of ENDS) {
      if (this.#network.underway(peerOf(end)) >= SEND_BYTES) continue;
      this.#ends[end].waiting?.resolve();
      this.#ends[end].waiting = null;
    }
  }

  #hand(delivery: NetworkDelivery): void {
    const end = this.#ends[delivery.to];
    if (delivery.kind === "reset") {
      this.#failEnd(end, new Error("The connection was reset"));
    } else if (!end.isOver && delivery.kind === "end") {
      end.isOver = true;
      end.readable.close();
    } else if (!end.isOver && delivery.kind === "bytes") {
      end.readable.enqueue(delivery.bytes);
    }
  }

  /** The network itself has failed, as by an option's function. */
  #fail(error: unknown): void {
    for (const end of ENDS) this.#failEnd(this.#ends[end], error);
  }

  #failEnd(end: End, error: unknown): void {
    end.waiting?.reject(error);
    end.waiting = null;
    end.writable.error(error);
    if (!end.isOver) end.readable.error(error);
    end.isOver = true;
  }
}
