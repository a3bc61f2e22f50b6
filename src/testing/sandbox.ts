import { ownOptions } from "../internal/own_options.ts";
import { optionError, optionTypeError } from "../internal/option_error.ts";
import { received } from "../internal/received.ts";
import { OpenSSL } from "../libssl/openssl.ts";
import { KeyLog } from "./_key_log.ts";
import { VirtualClock } from "./clock.ts";
import { randomSeed, seededEntropy, seedOption } from "./entropy.ts";
import { newPair, newSocketPair } from "./pair/create.ts";
import { sandboxInternals } from "./pair/sandbox_internals.ts";
import type {
  TlsPair,
  TlsPairOptions,
  TlsSandbox,
  TlsSandboxOptions,
  TlsSocketPair,
  TlsSocketPairOptions,
} from "./pair/types.ts";
import { createTestPki, type TestPki } from "./pki.ts";

export type { TlsSandbox, TlsSandboxOptions } from "./pair/types.ts";

/**
 * Creates a sandbox for tests of TLS code. It needs no network, no permissions and no real
 * time. The same calls in sandboxes of the same seed send the same bytes.
 *
 * Who knows the seed knows the keys (see {@linkcode seededEntropy}): **for tests only**.
 *
 * @throws {TypeError} If an option has the wrong type or an unknown name.
 *
 * @example The same conversation twice
 * ```ts
 * import { createTlsSandbox } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * async function conversation(seed: string): Promise<Uint8Array> {
 *   using sandbox = createTlsSandbox({ seed });
 *   const pair = sandbox.pair();
 *   await pair.handshake();
 *   return pair.trace.transcript;
 * }
 * assertEquals(await conversation("a"), await conversation("a"));
 * ```
 */
export function createTlsSandbox(
  options: TlsSandboxOptions = {},
): TlsSandbox {
  const own = ownOptions(options, { seed: true, start: true, clock: true }, {
    of: "createTlsSandbox",
  });
  const { start, clock } = own;
  if (clock !== undefined && !(clock instanceof VirtualClock)) {
    throw optionTypeError(
      "clock",
      `must be a VirtualClock, received ${received(clock)}`,
    );
  }
  if (clock !== undefined && start !== undefined) {
    throw optionError(
      "start",
      (nameOf) =>
        `${nameOf(["start"])} can't be used with ${
          nameOf(["clock"])
        }, which has its own`,
      (message) => new TypeError(message),
    );
  }
  return new Sandbox(own);
}

class Sandbox implements TlsSandbox {
  readonly seed: string;
  readonly clock: VirtualClock;
  readonly pki: TestPki;
  readonly #keyLog = new KeyLog();
  readonly #instances = new Map<string, OpenSSL>();
  readonly #pairs = new Set<Disposable>();
  #isDisposed = false;

  constructor({ seed = randomSeed(), start, clock }: TlsSandboxOptions) {
    this.seed = seedOption(seed);
    this.clock = clock ?? new VirtualClock(start);
    this.pki = createTestPki({ seed: this.seed, now: this.clock.now });
    sandboxInternals.set(this, { keyLog: this.#keyLog, pairs: this.#pairs });
  }

  get client(): OpenSSL {
    return this.#instance("client");
  }

  get server(): OpenSSL {
    return this.#instance("server");
  }

  get keyLog(): (line: string) => void {
    return this.#keyLog.write;
  }

  pair(options: TlsPairOptions = {}): TlsPair {
    return newPair({ ...options, sandbox: this }, () => this);
  }

  socketPair(options: TlsSocketPairOptions = {}): TlsSocketPair {
    return newSocketPair({ ...options, sandbox: this }, () => this);
  }

  #instance(label: string): OpenSSL {
    if (this.#isDisposed) {
      throw new TypeError(`Cannot use the ${label}: the sandbox is disposed`);
    }
    const instance = this.#instances.get(label) ?? new OpenSSL({
      entropy: seededEntropy(`${this.seed}/${label}`),
      clock: this.clock.now,
    });
    this.#instances.set(label, instance);
    return instance;
  }

  /** Instances can't be freed: the garbage collector takes them. */
  [Symbol.dispose](): void {
    this.#isDisposed = true;
    // The newest first: reconnected pairs use the contexts of earlier ones.
    for (const pair of [...this.#pairs].reverse()) pair[Symbol.dispose]();
    this.#instances.clear();
  }
}
