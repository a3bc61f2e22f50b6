import { type Endpoint, peerOf } from "../endpoint.ts";
import type { TlsTransport } from "../../tls/socket/transport.ts";
import { flushMicrotasks, moveTo } from "./time.ts";
import type { VirtualClock } from "../clock.ts";
import type { Network, NetworkDelivery } from "../network.ts";

/** The number of bytes that an endpoint buffers before they are read. */
const RECEIVE_BYTES = 16_384;
/** The number of bytes in flight from which a writer waits. */
const SEND_BYTES = 16_384;

const ENDS = ["client", "server"] as const;

/** The controllers of the streams of one endpoint. */
interface End {
  readonly transport: TlsTransport;
  readonly readable: ReadableStreamDefaultController<Uint8Array>;
  readonly writable: WritableStreamDefaultController;
  /** The writer that waits until the network has room. */
  waiting: { resolve: () => void; reject: (error: unknown) => void } | null;
  isOver: boolean;
}

/** A network with a transport of streams for each endpoint. */
export class NetworkStreams {
  readonly #network: Network;
  readonly #clock: VirtualClock;
  readonly #isManual: boolean;
  readonly #ends: Readonly<Record<Endpoint, End>>;
  #isRunning = false;
  #hasNews = false;

  /** Creates the transports. If `isManual`, only `advance` moves the clock. */
  constructor(network: Network, clock: VirtualClock, isManual: boolean) {
    this.#network = network;
    this.#clock = clock;
    this.#isManual = isManual;
    this.#ends = { client: this.#end("client"), server: this.#end("server") };
  }

  /** The transport of an endpoint. */
  transport(end: Endpoint): TlsTransport {
    return this.#ends[end].transport;
  }

  /** Moves the clock, delivers what arrives, and lets the endpoints reply. */
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

  /** Starts to deliver what is due, unless it is being delivered. */
  #schedule(): void {
    this.#hasNews = true;
    if (!this.#isRunning) this.#run().catch((error) => this.#fail(error));
  }

  /** Delivers what is due, and lets the endpoints reply before the clock moves. */
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

  /** The time of the next arrival at an endpoint that takes it. */
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

  /** Delivers all that is due, as far as the endpoints take it. */
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

  /** Fails both endpoints, as after an error of the function `delay`. */
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
