/**
 * Random calls over `libssl`: its functions in any order, with live, dead and foreign
 * handles and arguments of every sort, in callbacks and out of them. Each call has to
 * return, or to refuse what it was given by an error that says so.
 *
 * @module
 */
import {
  type Libssl,
  OpenSSL,
  type SSL,
  type SSL_CTX,
} from "../../src/libssl/mod.ts";
import { Arguments } from "./libssl_arguments.ts";
import { FuzzRandom } from "./random.ts";
import { libsslSignatures } from "./libssl_signatures.ts";
import { Finding, verdict } from "./verdict.ts";

/** How deep callbacks may call functions whose callbacks call functions. */
const MAX_DEPTH = 3;
/** How many of the last calls a finding tells of. */
const LOG_LENGTH = 40;

const SIGNATURES = libsslSignatures();

type AnyFunction = (...args: unknown[]) => unknown;

/** One instance under random calls, the same for the same seed. */
export class LibsslFuzzer {
  /** The last calls, oldest first: what led to a finding. */
  readonly log: string[] = [];
  /** How many calls returned. */
  returned = 0;
  /** How many calls were refused. */
  refused = 0;
  readonly #openssl: OpenSSL;
  readonly #libssl: Libssl;
  readonly #random: FuzzRandom;
  readonly #arguments: Arguments;
  readonly #connections: [SSL, SSL][] = [];
  #depth = 0;

  /** A new instance with some contexts, certificates, keys and sessions to begin with. */
  constructor(seed: string) {
    this.#random = new FuzzRandom(seed);
    this.#openssl = new OpenSSL();
    this.#libssl = this.#openssl.libssl;
    this.#arguments = new Arguments(
      this.#openssl,
      this.#random,
      () => this.#inCallback(),
    );
  }

  /**
   * Makes `count` calls, then one honest handshake.
   *
   * @throws {Finding} At the first call that neither returns nor is refused.
   */
  run(count: number): void {
    for (let i = 0; i < count; i++) {
      const roll = this.#random.below(100);
      if (roll < 4) this.#connect();
      else if (roll < 14) this.#drive();
      else this.#callOne();
    }
    this.#proveAlive();
  }

  #callOne(): void {
    const signature = this.#random.pick(SIGNATURES);
    this.#call(signature.name, this.#arguments.forSignature(signature));
  }

  /** Calls a function; what it gives is kept, for later calls. */
  #call(name: string, args: unknown[]): unknown {
    const call = this.#libssl[name as keyof Libssl] as AnyFunction;
    this.log.push(`${"  ".repeat(this.#depth)}${name}(${args.map(text)})`);
    if (this.log.length > LOG_LENGTH) this.log.shift();
    try {
      const result = call(...args);
      this.returned++;
      this.#arguments.keep(result);
      return result;
    } catch (error) {
      const finding = verdict(error);
      if (finding) throw new Finding(`${name}: ${finding}`, { cause: error });
      this.refused++;
      return undefined;
    }
  }

  /** What a callback does: calls some functions, or throws. */
  #inCallback(): void {
    if (this.#depth >= MAX_DEPTH) return;
    this.#depth++;
    try {
      for (let i = this.#random.below(3); i > 0; i--) this.#callOne();
    } finally {
      this.#depth--;
    }
  }

  /** Joins two connections by a BIO pair. */
  #connect(): void {
    const [server, client] = [this.#context(), this.#context()].map((ctx) =>
      this.#call("SSL_new", [ctx]) as SSL | null | undefined
    );
    const pair = this.#call("BIO_new_bio_pair", [0, 0]);
    if (!server || !client || !Array.isArray(pair)) return;
    this.#call("SSL_set_bio", [server, pair[0], pair[0]]);
    this.#call("SSL_set_bio", [client, pair[1], pair[1]]);
    this.#call("SSL_set_accept_state", [server]);
    this.#call("SSL_set_connect_state", [client]);
    const session = this.#arguments.some("SSL_SESSION");
    if (this.#random.below(2) === 0) {
      this.#call("SSL_set_session", [client, session]);
    }
    this.#connections.push([server, client]);
    if (this.#connections.length > 4) this.#connections.shift();
    this.#drive();
  }

  /** Goes on with a connection: handshake, data, end. */
  #drive(): void {
    if (this.#connections.length === 0) return;
    const ends = this.#random.pick(this.#connections);
    for (let turn = this.#random.below(6); turn >= 0; turn--) {
      for (const ssl of ends) {
        this.#call("SSL_do_handshake", [ssl]);
        this.#call("SSL_read", [ssl, new Uint8Array(100)]);
      }
    }
    if (this.#random.below(3) > 0) return;
    const ssl = this.#random.pick(ends);
    this.#call("SSL_write", [ssl, new Uint8Array(100)]);
    if (this.#random.below(3) === 0) this.#call("SSL_shutdown", [ssl]);
  }

  #context(): SSL_CTX {
    return this.#arguments.some("SSL_CTX") as SSL_CTX;
  }

  /** An instance that says that it lives must do what one does. */
  #proveAlive(): void {
    this.log.push("an honest handshake");
    new Arguments(this.#openssl, this.#random, () => {}).handshake();
  }
}

function text(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "callback";
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (typeof value === "object" && value !== null) {
    return Object.hasOwn(value, Symbol.toStringTag)
      ? Object.prototype.toString.call(value).slice(8, -1)
      : "object";
  }
  return String(value);
}
