import type { SessionStore, TlsContextUpdate } from "../../../mod.ts";
import { serveSessionStore } from "../../stores/worker.ts";
import type { HostAndPort } from "../host_and_port.ts";
import { type Figures, NO_FIGURES } from "./counters.ts";
import type { ServerEvents } from "./server.ts";
import type { ServerSettings } from "./settings.ts";
import type {
  FromWorker,
  ToWorker,
  WorkerFailure,
  WorkerStart,
} from "./worker_messages.ts";

const MODULE = new URL("./worker.ts", import.meta.url);
/** Never called: `deno compile` includes modules that are imported like this. */
export const embed = (): Promise<unknown> => import("./worker.ts");

/** What a worker is started with. */
export interface WorkerThreadParts {
  readonly settings: ServerSettings;
  /** The store, if workers can't open it themselves. */
  readonly store: SessionStore | null;
  /** The memory of the store, if they open it themselves and it is in memory. */
  readonly memory?: SharedArrayBuffer | undefined;
  /** The name of the store, for messages. */
  readonly storeName: string;
  readonly events: ServerEvents;
  /** The module of the worker. */
  readonly module?: URL;
}

/** A worker, from its start to its end. */
export class WorkerThread {
  /** The number of the worker, from 1. */
  readonly worker: number;
  /** Resolves when the worker listens. Rejects if it can't. */
  readonly listening: Promise<HostAndPort>;
  /** Resolves with the reason when the worker has ended by itself. */
  readonly ended: Promise<string>;
  /** Whether the worker listens. */
  isListening = false;
  /** The last figures that the worker has sent. */
  figures: Figures = NO_FIGURES;
  readonly #events: ServerEvents;
  readonly #thread: Worker;
  readonly #channel: MessagePort;
  readonly #closeStore: () => void = () => {};
  readonly #listening = Promise.withResolvers<HostAndPort>();
  readonly #ended = Promise.withResolvers<string>();
  readonly #drained = Promise.withResolvers<void>();
  #answered = Promise.withResolvers<void>();

  /** Starts the worker. */
  constructor(parts: WorkerThreadParts, worker: number, port: number) {
    const { settings, store, memory, storeName, events, module = MODULE } =
      parts;
    this.worker = worker;
    this.listening = this.#listening.promise;
    // A worker that replaces another is only watched for its end.
    this.listening.catch(() => {});
    this.ended = this.#ended.promise;
    this.#events = events;
    const { port1: here, port2: there } = new MessageChannel();
    this.#channel = here;
    here.onmessage = ({ data }: MessageEvent<FromWorker>): void =>
      this.#receive(data);
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
      // Without this, the error would end the main thread.
      event.preventDefault();
      this.#fail({ message: event.message, missingPermission: undefined });
    });
    const start: WorkerStart = {
      settings,
      worker,
      port,
      channel: there,
      store: storePort,
      memory,
      storeName,
    };
    const ports = storePort ? [there, storePort] : [there];
    this.#thread.postMessage(start, ports);
  }

  /** Requests figures. Resolves when they have arrived, or the worker has ended. */
  async requestFigures(): Promise<void> {
    this.#post({ type: "figures" });
    await Promise.race([this.#answered.promise, this.ended]);
  }

  /** Replaces certificates, keys and CAs for new connections. */
  update(changes: TlsContextUpdate): void {
    this.#post({ type: "update", changes });
  }

  /** Stops listening. Resolves when all connections have ended. */
  async drain(timeout: number): Promise<void> {
    this.#post({ type: "drain", timeout });
    await Promise.race([this.#drained.promise, this.ended]);
  }

  /** Ends the worker at once. */
  end(): void {
    this.#thread.terminate();
    this.#channel.close();
    this.#closeStore();
  }

  #post(message: ToWorker): void {
    this.#channel.postMessage(message);
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case "listening":
        this.isListening = true;
        return this.#listening.resolve(message);
      case "failed":
        return this.#fail(message.failure);
      case "dead":
        return this.#fail({
          message: message.message,
          missingPermission: undefined,
        });
      case "figures":
        this.figures = message.figures;
        this.#answered.resolve();
        this.#answered = Promise.withResolvers();
        return;
      case "line":
        return this.#events.onLine(message.line);
      case "warning":
        return this.#events.onWarning(message.topic, message.message);
      case "drained":
        return this.#drained.resolve();
    }
  }

  #fail({ message, missingPermission }: WorkerFailure): void {
    this.end();
    this.#listening.reject(
      missingPermission === undefined
        ? new Error(message)
        : new Deno.errors.NotCapable(missingPermission),
    );
    this.#ended.resolve(message);
  }
}
