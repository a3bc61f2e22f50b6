const HAS_HANGUP = Deno.build.os !== "windows";
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

/** The user's wish that files are read anew: Windows has no way to say so. */
export class ReloadSignal implements Disposable {
  readonly #listener: () => void;

  /** Listens, and calls `reload` with each, one after the other: the last one's files count. */
  constructor(reload: () => Promise<void>) {
    let last = Promise.resolve();
    this.#listener = () => void (last = last.then(reload));
    if (HAS_HANGUP) Deno.addSignalListener("SIGHUP", this.#listener);
  }

  /** Listens no more. */
  [Symbol.dispose](): void {
    if (HAS_HANGUP) Deno.removeSignalListener("SIGHUP", this.#listener);
  }
}

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
