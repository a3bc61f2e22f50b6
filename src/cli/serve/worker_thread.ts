import { serveSessionStore } from "../../stores/worker.ts";
import type { TlsContextUpdate } from "../../tls/context/context_update.ts";
import { Deferred } from "../../internal/deferred.ts";
import { type Figures, NO_FIGURES } from "./counters.ts";
import type { HostAndPort } from "../host_and_port.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./messages.ts";
import type { WorkerPoolParts } from "./worker_pool.ts";

const MODULE = new URL("./worker.ts", import.meta.url);
/** Never called: `deno compile` embeds what is imported so. */
export const embed = (): Promise<unknown> => import("./worker.ts");

/** One worker, from its start to its end. */
export class WorkerThread {
  /** Which worker it is, from 1. */
  readonly worker: number;
  /** Resolves when it listens. Rejects if it never will. */
  readonly listening: Promise<HostAndPort>;
  /** Resolves when it has ended by itself: with the reason. */
  readonly ended: Promise<string>;
  /** Whether it has begun to listen. */
  isListening = false;
  /** The last figures that it has told. */
  figures: Figures = NO_FIGURES;
  readonly #events: WorkerPoolParts["events"];
  readonly #thread: Worker;
  readonly #channel: MessagePort;
  readonly #closeStore: () => void = () => {};
  readonly #listening = new Deferred<HostAndPort>();
  readonly #ended = new Deferred<string>();
  readonly #drained = new Deferred<void>();
  #answered = new Deferred<void>();

  /** Starts it. */
  constructor(parts: WorkerPoolParts, worker: number, port: number) {
    const { settings, store, storeName, events, module = MODULE } = parts;
    this.worker = worker;
    this.listening = this.#listening.promise;
    this.ended = this.#ended.promise;
    this.#events = events;
    const { port1: here, port2: there } = new MessageChannel();
    this.#channel = here;
    here.onmessage = ({ data }: MessageEvent<FromWorker>): void =>
      this.#hear(data);
    let storePort: MessagePort | null = null;
    if (store) {
      const { port1, port2 } = new MessageChannel();
      const service = serveSessionStore(store, port1);
      storePort = port2;
      this.#closeStore = (): void => {
        service.close();
        port1.close();
      };
    }
    this.#thread = new Worker(module, {
      type: "module",
      name: `serve ${worker}`,
    });
    this.#thread.addEventListener("error", (event) => {
      // Otherwise it would take this thread with it.
      event.preventDefault();
      this.#fail(event.message);
    });
    const start: WorkerStart = {
      settings,
      worker,
      port,
      channel: there,
      store: storePort,
      storeName,
    };
    const ports = storePort ? [there, storePort] : [there];
    this.#thread.postMessage(start, ports);
  }

  /** Asks for its figures: resolves when they have come, or never will. */
  async ask(): Promise<void> {
    this.#say({ type: "figures" });
    await Promise.race([this.#answered.promise, this.ended]);
  }

  /** Has it serve with other certificates, keys and authorities. */
  update(changes: TlsContextUpdate): void {
    this.#say({ type: "update", changes });
  }

  /** Has it take no more connections: resolves when the last has ended. */
  async drain(timeout: number): Promise<void> {
    this.#say({ type: "drain", timeout });
    await Promise.race([this.#drained.promise, this.ended]);
  }

  /** Ends it at once. */
  end(): void {
    this.#thread.terminate();
    this.#channel.close();
    this.#closeStore();
  }

  #say(message: ToWorker): void {
    this.#channel.postMessage(message);
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case "listening":
        this.isListening = true;
        return this.#listening.resolve(message);
      case "failed":
      case "dead":
        return this.#fail(message.message);
      case "figures":
        this.figures = message.figures;
        this.#answered.resolve();
        this.#answered = new Deferred();
        return;
      case "line":
        return this.#events.onLine(message.line);
      case "trouble":
        return this.#events.onTrouble(message.sort, message.message);
      case "drained":
        return this.#drained.resolve();
    }
  }

  #fail(reason: string): void {
    this.end();
    this.#listening.reject(new Error(reason));
    this.#ended.resolve(reason);
  }
}
