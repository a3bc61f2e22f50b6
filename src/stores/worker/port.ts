/** What some runtimes have globally. */
interface ModuleLoader {
  readonly process?: { getBuiltinModule?(name: string): unknown };
}

// Deno 2.9 tells that the other end of a MessagePort is gone only if this was
// loaded before the port was made. No import, as browsers don't have it.
(globalThis as ModuleLoader).process?.getBuiltinModule?.("node:worker_threads");

/** A port whose events are those of the web: `MessagePort`, `Worker`, a worker's `self`. */
export interface EventPort {
  /** Sends a message to the other side. */
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  /** Adds a listener. */
  addEventListener(type: string, listener: (event: Event) => void): void;
  /** Removes a listener. */
  removeEventListener(type: string, listener: (event: Event) => void): void;
  /** Begins to receive, where that needs to be said. */
  start?(): void;
}

/** A port whose events are those of Node.js: `Worker` of `node:worker_threads`. */
export interface EmitterPort {
  /** Sends a message to the other side. */
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  /** Adds a listener. */
  on(type: string, listener: (value: unknown) => void): unknown;
  /** Removes a listener. */
  off(type: string, listener: (value: unknown) => void): unknown;
}

/** One side of a channel between two threads. */
export type SessionStorePort = EventPort | EmitterPort;

/** What to do about the events of a port. */
export interface PortListeners {
  readonly message: (data: unknown) => void;
  /** The other side is gone, as far as the runtime tells. */
  readonly closed: () => void;
}

/** Listens to a port; returns how to stop. */
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

/** Throws unless `port` is one. */
export function checkPort(port: unknown): void {
  const { postMessage, addEventListener, on } = Object(port);
  if (
    typeof postMessage === "function" &&
    [addEventListener, on].some((method) => typeof method === "function")
  ) return;
  throw new TypeError(
    "Cannot use the port: it must have postMessage, and addEventListener or on",
  );
}
