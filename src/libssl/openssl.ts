import { received } from "../internal/received.ts";
import { module as defaultModule } from "../../wasm/module.ts";
import { Ffi } from "../ffi/ffi.ts";
import { checkedInteger, checkFunction } from "../internal/option_checks.ts";
import { optionTypeError } from "../internal/option_error.ts";
import { ownOptions } from "../internal/own_options.ts";
import { CertificateReader } from "./certificate.ts";
import { createLibssl, type Libssl } from "./libssl.ts";
import { Machine } from "./machine.ts";
import { MemoryLimit } from "./memory_limit.ts";
import { opensslInternals } from "./openssl_internals.ts";
import { Policy } from "./policy.ts";
import { SessionAge } from "./session_age.ts";

const OPENSSL_VERSION_TEXT = 0;

/** The most memory that an instance can have, in bytes. */
const MEMORY_CAP = 2 ** 31;
/** The part of it that is reserved for open connections, in bytes. */
const MEMORY_RESERVE = MEMORY_CAP / 8;
/** The options of an {@linkcode OpenSSL} instance. */
export interface OpenSSLOptions {
  /**
   * Fills its argument with random bytes, or throws. By default
   * `crypto.getRandomValues`; there is no fallback.
   */
  entropy?: (out: Uint8Array<ArrayBuffer>) => void;
  /** The time in milliseconds since 1970-01-01 UTC. By default `Date.now`. */
  clock?: () => number;
  /**
   * The number of bytes in use from which no more connections are begun, so that open ones can
   * continue: `new TlsEngine` throws a `TlsError` `out-of-memory`, and listeners close new
   * connections. By default seven eighths of 2 GiB, which is the most that an instance can have.
   */
  maxMemory?: number;
  /** The compiled `openssl.wasm`. By default the one of this package. */
  module?: WebAssembly.Module;
}

const OPTION_NAMES: Readonly<Record<keyof OpenSSLOptions, true>> = {
  clock: true,
  entropy: true,
  maxMemory: true,
  module: true,
};

/** The memory of an instance, in bytes. */
export interface OpenSSLMemory {
  /** The size of the linear memory. It grows, and never shrinks. */
  readonly total: number;
  /** The bytes that are allocated now. */
  readonly used: number;
  /** The number of objects of OpenSSL that JavaScript has handles to. */
  readonly handles: number;
}

/**
 * An isolated instance of OpenSSL, with memory, session caches, an error queue, entropy and a
 * clock of its own.
 *
 * @example Two sandboxes, one with a stopped clock
 * ```ts
 * import { OpenSSL } from "@sesame/tls";
 * import { assert } from "@std/assert";
 *
 * const openssl = new OpenSSL();
 * const stopped = new OpenSSL({ clock: () => 0 });
 * assert(openssl.version.startsWith("OpenSSL 3.5"));
 * assert(stopped.memory.total > 0);
 * ```
 */
export class OpenSSL {
  static #default: OpenSSL | undefined;

  /** The instance that is used where no other is given. */
  static get default(): OpenSSL {
    return OpenSSL.#default ??= new OpenSSL();
  }

  /** OpenSSL's functions under their own names. */
  readonly libssl: Libssl;
  readonly #ffi: Ffi;
  readonly #clock: () => number;

  /**
   * Starts an instance. It draws no random bytes until they are needed.
   *
   * @throws {TypeError} If an option is not of its type.
   * @throws {RangeError} If `maxMemory` is not a whole number of at least 1.
   */
  constructor(options: OpenSSLOptions = {}) {
    const {
      entropy = (out: Uint8Array<ArrayBuffer>) =>
        void crypto.getRandomValues(out),
      // Not `Date.now` itself: a test may replace it later.
      clock = () => Date.now(),
      module = defaultModule,
      maxMemory = MEMORY_CAP - MEMORY_RESERVE,
    } = ownOptions(options, OPTION_NAMES, { of: "OpenSSL" });
    checkFunction(entropy, "entropy");
    checkFunction(clock, "clock");
    if (!(module instanceof WebAssembly.Module)) {
      throw optionTypeError(
        "module",
        `must be a WebAssembly.Module, received ${received(module)}`,
      );
    }
    checkedInteger(maxMemory, "maxMemory", { min: 1 });
    this.#clock = clock;
    this.#ffi = new Ffi(module, { entropy, clock });
    this.libssl = createLibssl(this.#ffi);
    opensslInternals.set(this, {
      certificates: new CertificateReader(this.#ffi),
      machine: new Machine(this.#ffi),
      memoryLimit: new MemoryLimit(this.#ffi, maxMemory),
      policy: new Policy(this.#ffi),
      sessionAge: new SessionAge(this.#ffi),
    });
  }

  /** OpenSSL's version, such as `"OpenSSL 3.5.7 9 Jun 2026"`. */
  get version(): string {
    const { c, memory } = this.#ffi;
    return memory.readString(c.OpenSSL_version(OPENSSL_VERSION_TEXT)) ?? "";
  }

  /** The memory in use. */
  get memory(): OpenSSLMemory {
    const { c, handles } = this.#ffi;
    return {
      total: c.memory.buffer.byteLength,
      used: c.sesame_memory_used(),
      handles: handles.size,
    };
  }

  /** The instance's time, in milliseconds since 1970-01-01 UTC. */
  now(): number {
    return this.#clock();
  }
}
