import { ownOptions } from "../internal/own_options.ts";
import { OpenSSL } from "../libssl/openssl.ts";
import { KeyLog } from "./_key_log.ts";
import { VirtualClock } from "./clock.ts";
import { randomSeed, type Seed, seededEntropy, textOf } from "./entropy.ts";
import {
  createTlsPair,
  createTlsSocketPair,
  type TlsPair,
  type TlsPairOptions,
  type TlsSocketPair,
  type TlsSocketPairOptions,
} from "./pair.ts";
import { createTestPki, type TestPki } from "./pki.ts";

/** Where the key logs of a sandbox's contexts go. */
export let keyLogOf: (sandbox: TlsSandbox) => KeyLog;

/** The pairs of engines that end with a sandbox: those that are disposed of leave. */
export let pairsOf: (sandbox: TlsSandbox) => Set<Disposable>;

/** Options of {@linkcode createTlsSandbox}. */
export interface TlsSandboxOptions {
  /** What all that looks random is made from. By default a random one. */
  seed?: Seed | undefined;
  /** When the clock starts. By default 2030-01-01 UTC. */
  start?: Date | number | undefined;
  /** The clock, in place of one of its own that starts at `start`. */
  clock?: VirtualClock | undefined;
}

/**
 * A client's OpenSSL and a server's, apart from each other and from everything else, on one
 * clock that stands still, and certificates for them.
 */
export interface TlsSandbox extends Disposable {
  /** The seed as text: give it to the next sandbox to see the same bytes again. */
  readonly seed: string;
  /**
   * The time of both instances and of the certificates. Stores need it too: give them
   * `clock.now`.
   */
  readonly clock: VirtualClock;
  /** The instance for clients, started when it is first asked for. */
  readonly client: OpenSSL;
  /** The instance for servers, started when it is first asked for. */
  readonly server: OpenSSL;
  /** Certificates, valid around the clock's first time. */
  readonly pki: TestPki;
  /**
   * Takes the lines of key logs: the option `keyLog` of contexts that the test makes itself.
   * The lines of a pair's connection are in its trace then, as those of the contexts that
   * pairs make are.
   */
  readonly keyLog: (line: string) => void;
  /**
   * {@linkcode createTlsPair} in this sandbox, which disposes of the pair, and of those that
   * connect again, when it is disposed of itself.
   */
  pair(options?: Omit<TlsPairOptions, "sandbox" | "seed" | "clock">): TlsPair;
  /** {@linkcode createTlsSocketPair} in this sandbox. It is the caller's to close. */
  socketPair(
    options?: Omit<TlsSocketPairOptions, "sandbox" | "seed" | "clock">,
  ): TlsSocketPair;
}

/**
 * Makes a sandbox for tests of TLS code: no network, no permissions, no time that passes.
 * Programs that do the same in sandboxes of the same seed see the same bytes.
 *
 * Nothing in it is secret (see {@linkcode seededEntropy}): **for tests only**.
 *
 * @throws {TypeError} If an option is not of its type, or has another name.
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
    throw new TypeError(
      `options.clock must be a VirtualClock, received ${typeof clock}`,
    );
  }
  if (clock !== undefined && start !== undefined) {
    throw new TypeError(
      "options.start can't be used with options.clock, which has its own",
    );
  }
  return new Sandbox(own);
}

class Sandbox implements TlsSandbox {
  static {
    keyLogOf = (sandbox) => (sandbox as Sandbox).#keyLog;
    pairsOf = (sandbox) => (sandbox as Sandbox).#pairs;
  }

  readonly seed: string;
  readonly clock: VirtualClock;
  readonly pki: TestPki;
  readonly #keyLog = new KeyLog();
  readonly #instances = new Map<string, OpenSSL>();
  readonly #pairs = new Set<Disposable>();
  #isDisposed = false;

  constructor({ seed = randomSeed(), start, clock }: TlsSandboxOptions) {
    this.seed = textOf(seed);
    this.clock = clock ?? new VirtualClock(start);
    this.pki = createTestPki({ seed: this.seed, now: this.clock.now });
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
    return createTlsPair({ ...options, sandbox: this });
  }

  socketPair(options: TlsSocketPairOptions = {}): TlsSocketPair {
    return createTlsSocketPair({ ...options, sandbox: this });
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

  /** An instance can't be freed: it goes when nothing holds it any more. */
  [Symbol.dispose](): void {
    this.#isDisposed = true;
    // The newest first: those that connected again use the contexts of earlier ones.
    for (const pair of [...this.#pairs].reverse()) pair[Symbol.dispose]();
    this.#instances.clear();
  }
}
