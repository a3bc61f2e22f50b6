import { TlsError } from "../internal/tls_error.ts";

/** A function of the module: numbers and bigints in, one or none out. */
export type WasmFunction = (
  a?: unknown,
  b?: unknown,
  c?: unknown,
  d?: unknown,
  e?: unknown,
  f?: unknown,
  g?: unknown,
  h?: unknown,
  i?: unknown,
  j?: unknown,
) => unknown;

/** What a guard does to the instance. */
export interface GuardedInstance {
  /** Runs `action` with OpenSSL's error queue as it was afterwards. */
  keepingErrors(action: () => void): void;
  /** Has the clock asked again when the time is needed next. */
  forgetTime(): void;
}

/**
 * Guards the calls of one instance's functions:
 *
 * - an instance that trapped is dead, and every later call says so;
 * - what a callback threw is thrown when the outermost call has returned;
 * - what was deferred in a callback is done then, too.
 */
export class CallGuard {
  readonly #instance: GuardedInstance;
  #depth = 0;
  #death: unknown;
  #readsClock = false;
  /** Whether anything was kept or deferred. */
  #isPending = false;
  #isSettling = false;
  #failures: unknown[] = [];
  #deferred: (() => void)[] = [];

  /** The guard of an instance that nothing has called yet. */
  constructor(instance: GuardedInstance) {
    this.#instance = instance;
  }

  /** True while C is on the stack. */
  get isInside(): boolean {
    return this.#depth > 0;
  }

  /** True after the instance has trapped. */
  get isDead(): boolean {
    return this.#death !== undefined;
  }

  /** What callbacks have thrown since the outermost call began. */
  get failures(): readonly unknown[] {
    return this.#failures;
  }

  /**
   * `call`, a function of the module, under guard. It has a fixed number of parameters, as
   * many as the function with the most has, so that no call makes an array: C's functions
   * ignore what they don't declare.
   */
  guarded(name: string, call: WasmFunction): WasmFunction {
    return (a, b, c, d, e, f, g, h, i, j) => {
      this.#enter(name);
      try {
        return call(a, b, c, d, e, f, g, h, i, j);
      } catch (error) {
        throw this.#crash(name, error);
      } finally {
        this.#leave();
      }
    };
  }

  /** Runs `action`, which calls guarded functions, as if it were one of them. */
  run<T>(action: () => T): T {
    this.#depth++;
    try {
      return action();
    } finally {
      this.#leave();
    }
  }

  /** Keeps what a callback threw until the outermost call has returned. */
  keep(error: unknown): void {
    this.#failures.push(error);
    this.#isPending = true;
  }

  /** Runs `action` now or, inside a call, when the outermost one has returned. */
  defer(action: () => void): void {
    if (!this.isInside) return action();
    this.#deferred.push(action);
    this.#isPending = true;
  }

  /** Notes that C has the time and keeps it. */
  noteTime(): void {
    this.#readsClock = true;
  }

  /** Ends a callback in which the instance has died: there is no stack to go on with. */
  assertAlive(): void {
    if (this.#death !== undefined) throw this.#death;
  }

  #enter(name: string): void {
    if (this.#death !== undefined) {
      throw new TlsError(
        "instance-dead",
        `Cannot call ${name}: this OpenSSL instance has crashed; make a new one`,
        { cause: this.#death },
      );
    }
    this.#depth++;
  }

  #leave(): void {
    this.#depth--;
    if (this.#readsClock) {
      this.#readsClock = false;
      this.#instance.forgetTime();
    }
    if (this.#isPending && this.#depth === 0) this.#settle();
  }

  #crash(name: string, cause: unknown): unknown {
    if (!isCrash(cause)) return cause;
    this.#death ??= cause;
    return new TlsError(
      "instance-dead",
      `OpenSSL crashed in ${name}: this instance can't be used any more`,
      { cause },
    );
  }

  /** The outermost call is over: does what was deferred, throws what was kept. */
  #settle(): void {
    if (this.#isSettling || this.#death !== undefined) return;
    this.#isSettling = true;
    try {
      for (
        let action = this.#deferred.shift();
        action;
        action = this.#deferred.shift()
      ) {
        try {
          this.#instance.keepingErrors(action);
        } catch (error) {
          this.keep(error);
        }
      }
    } finally {
      this.#isSettling = false;
    }
    this.#isPending = false;
    if (this.#failures.length === 0) return;
    const failures = this.#failures;
    this.#failures = [];
    throw failures.length === 1
      ? failures[0]
      : new AggregateError(failures, "Several callbacks threw");
  }
}

/** Whether wasm code was left in the middle; a bad argument never enters it. */
function isCrash(error: unknown): boolean {
  return !(error instanceof TypeError || error instanceof SyntaxError ||
    error instanceof TlsError);
}
