const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

/** The user's wish that the program ends. */
export class StopSignals implements Disposable {
  /** Resolves with the first one. */
  readonly first: Promise<Deno.Signal>;
  readonly #listeners: (readonly [Deno.Signal, () => void])[];
  #count = 0;

  /** Listens, and calls `onSecond` with any signal after the first. */
  constructor(onSecond: () => void) {
    const { promise, resolve } = Promise.withResolvers<Deno.Signal>();
    this.first = promise;
    this.#listeners = SIGNALS.map((signal) => {
      const listener = (): void => {
        if (++this.#count > 1) onSecond();
        else resolve(signal);
      };
      Deno.addSignalListener(signal, listener);
      return [signal, listener];
    });
  }

  /** Listens no more. */
  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) {
      Deno.removeSignalListener(signal, listener);
    }
  }
}
