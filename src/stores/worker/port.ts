/** The global `process` of some runtimes. */
interface ModuleLoader {
  readonly process?: { getBuiltinModule?(name: string): unknown };
}

// Deno 2.9 reports the end of the other side of a MessagePort only if this module was loaded
// before the port was created. It is not imported, as browsers don't have it.
(globalThis as ModuleLoader).process?.getBuiltinModule?.("node:worker_threads");

/** A port with the events of the web: `MessagePort`, `Worker`, or the `self` of a worker. */
export interface EventPort {
  /** Sends a message to the other side. */
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  /** Adds a listener. */
  addEventListener(type: string, listener: (event: Event) => void): void;
  /** Removes a listener. */
  removeEventListener(type: string, listener: (event: Event) => void): void;
  /** Starts to receive, where necessary. */
  start?(): void;
}

/** A port with the events of Node.js: `Worker` of `node:worker_threads`. */
export interface EmitterPort {
  /** Sends a message to the other side. */
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  /** Adds a listener. */
  on(type: string, listener: (value: unknown) => void): unknown;
  /** Removes a listener. */
  off(type: string, listener: (value: unknown) => void): unknown;
}

/** One end of a channel between two threads. */
export type SessionStorePort = EventPort | EmitterPort;

/** The listeners of a port. */
export interface PortListeners {
  readonly message: (data: unknown) => void;
  /** Called when the other end is closed, if the runtime reports it. */
  readonly closed: () => void;
}

/** Listens to a port. Returns a function that stops listening. */
export function listenTo(
  port: SessionStorePort,
  { message, closed }: PortListeners,
): () => void {
  if (!("addEventListener" in port)) {
    const listeners = { message, close: closed, exit: closed };
    for (const [type, listener] of Object.entries(listeners)) {
      port.on(type, listener);
    }
    return () => {
      for (const [type, listener] of Object.entries(listeners)) {
        port.off(type, listener);
      }
    };
  }
  const receive = (event: Event): void =>
    message("data" in event ? event.data : undefined);
  port.addEventListener("message", receive);
  port.addEventListener("close", closed);
  port.start?.();
  return () => {
    port.removeEventListener("message", receive);
    port.removeEventListener("close", closed);
  };
}

/** Throws a `TypeError` unless `port` has the methods of a port. */
export function checkPort(port: unknown): void {
  const { postMessage, addEventListener, on } = Object(port);
  if (
    typeof postMessage === "function" &&
    [addEventListener, on].some((method) => typeof method === "function")
  ) return;
  throw new TypeError(
    "port must have the methods postMessage, and addEventListener or on",
  );
}
