const HAS_SIGHUP = Deno.build.os !== "windows";
const STOP_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

/** Calls a function at SIGHUP. Windows has no such signal. */
export class ReloadSignal implements Disposable {
  readonly #listener: () => void;

  /**
   * Starts to listen. Calls don't overlap: each one starts after the one before it has ended,
   * so that the files that were read last are in use.
   */
  constructor(reload: () => Promise<void>) {
    let last = Promise.resolve();
    this.#listener = () => void (last = last.then(reload));
    if (HAS_SIGHUP) Deno.addSignalListener("SIGHUP", this.#listener);
  }

  /** Stops listening. */
  [Symbol.dispose](): void {
    if (HAS_SIGHUP) Deno.removeSignalListener("SIGHUP", this.#listener);
  }
}

/** The signals that stop the program. */
export class StopSignals implements Disposable {
  /** Resolves with the first signal. */
  readonly first: Promise<Deno.Signal>;
  readonly #listeners: (readonly [Deno.Signal, () => void])[];
  #count = 0;

  /** Starts to listen. `onSecond` is called for each signal after the first. */
  constructor(onSecond: () => void) {
    const { promise, resolve } = Promise.withResolvers<Deno.Signal>();
    this.first = promise;
    this.#listeners = STOP_SIGNALS.map((signal) => {
      const listener = (): void => {
        if (++this.#count > 1) onSecond();
        else resolve(signal);
      };
      Deno.addSignalListener(signal, listener);
      return [signal, listener];
    });
  }

  /** Stops listening. */
  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) {
      Deno.removeSignalListener(signal, listener);
    }
  }
}
