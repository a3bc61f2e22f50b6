import * as api from "../../src/libssl/mod.ts";
import {
  type BIO,
  type Handle,
  type Libssl,
  OpenSSL,
  type SSL_CTX,
} from "../../src/libssl/mod.ts";
import { made, Pair } from "../support/pair.ts";
import { EC_KEY, PKCS8_KEY } from "../testdata/keys.ts";
import { SpoofedBytes } from "../support/spoofed_bytes.ts";
import { testCertificate } from "../support/peers.ts";
import type { Signature } from "./libssl_signatures.ts";
import type { FuzzRandom } from "./random.ts";
import { CallbackError } from "./verdict.ts";

/** How many handles of a kind are kept: dead ones among them. */
const POOL_SIZE = 10;
/** Callbacks get these as well as handles of their own. */
const FOREIGN = new OpenSSL();

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const RSA_KEY = rsaKey();

const KEY_TYPES = ["P-256", "Ed25519"] as const;
const CONSTANTS = Object.values(api).filter((value) =>
  typeof value === "number" || typeof value === "bigint"
);
const NUMBERS = [
  ...[-1, 0, 1, 2, 3, 4, 7, 16, 32, 33, 48, 255, 256, 4096, 65_535, 65_536],
  ...[0x303, 0x304, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 2 ** 53, 1.5, NaN],
];
const TEXTS = [
  ...["", "a", "P-256", "P-384", "X25519", "ED25519", "SHA256", "SHA384"],
  ...["localhost", "127.0.0.1", "CN", "O", "TLSv1.2", "MinProtocol", "Groups"],
  ...["CipherString", "ALL:@SECLEVEL=0", "DEFAULT", "TLS_AES_128_GCM_SHA256"],
  ...["CA:TRUE", "DNS:localhost", "critical,keyCertSign", "server", "h2"],
  ...["a\0b", "é\ud800", "x".repeat(5000), "SignatureAlgorithms", "Options"],
];
/** Sizes that take seconds or gigabytes and find nothing. */
const SMALL: Readonly<Record<string, readonly number[]>> = {
  bits: [511, 512, 768, 1024, -1, NaN],
  num: NUMBERS.filter((value) => !(value > 65_536 && value < 2 ** 53)),
};

/** A small RSA key in DER. */
function rsaKey(): Uint8Array {
  const { libssl } = FOREIGN;
  const bio = made(libssl.BIO_new_mem());
  libssl.PEM_write_bio_PKCS8PrivateKey(bio, made(libssl.EVP_RSA_gen(512)));
  const pem = new Uint8Array(2000);
  const text = decoder.decode(pem.subarray(0, libssl.BIO_read(bio, pem)));
  return Uint8Array.fromBase64(text.replace(/-----.*/g, ""));
}

/** What the functions of one instance are called with. */
export class Arguments {
  readonly #libssl: Libssl;
  readonly #random: FuzzRandom;
  readonly #inCallback: () => void;
  readonly #pools = new Map<string, unknown[]>();
  readonly #texts: Uint8Array[] = [EC_KEY, PKCS8_KEY, RSA_KEY];

  /** For an instance; callbacks do what `inCallback` does. */
  constructor(
    { libssl }: OpenSSL,
    random: FuzzRandom,
    inCallback: () => void,
  ) {
    this.#libssl = libssl;
    this.#random = random;
    this.#inCallback = inCallback;
    for (let i = 0; i < 3; i++) this.#addContext();
    this.handshake();
    this.keep(made(FOREIGN.libssl.SSL_CTX_new(FOREIGN.libssl.TLS_method())));
  }

  /** Arguments for a function, most of them of the right type. */
  forSignature({ parameters }: Signature): unknown[] {
    const args = parameters.map(({ name, type }) =>
      this.#random.oneIn(40) ? this.#anything() : this.#argument(name, type)
    );
    return this.#random.oneIn(60) ? args.slice(1) : args;
  }

  /** A handle of a kind, or whatever stands for one. */
  some(kind: string): unknown {
    const pool = this.#pools.get(kind);
    return pool ? this.#random.pick(pool) : null;
  }

  /** Keeps what a function gave, or a callback got. */
  keep(result: unknown): void {
    if (result instanceof Uint8Array) {
      if (result.length > 16 && result.length < 4096) {
        this.#replace(this.#texts, new Uint8Array(result));
      }
    } else if (Array.isArray(result)) {
      for (const value of result) this.keep(value);
    } else if (typeof result === "object" && result !== null) {
      if (Object.hasOwn(result, Symbol.toStringTag)) this.#keepHandle(result);
      else if (!(result instanceof Date)) this.keep(Object.values(result));
    }
  }

  /** A handshake between two contexts of the instance, and a resumed one. */
  handshake(): void {
    const [server, client] = [this.#addContext(), this.#addContext()];
    const pair = new Pair(this.#libssl, server, client);
    pair.handshake();
    const session = made(this.#libssl.SSL_get1_session(pair.client));
    pair.close();
    const again = new Pair(this.#libssl, server, client, { session });
    again.handshake();
    if (!again.resumed) throw new Error("An honest session isn't resumed");
    again.close();
    this.keep([session, this.#libssl.i2d_SSL_SESSION(session)]);
  }

  #addContext(): SSL_CTX {
    const libssl = this.#libssl;
    const ctx = made(libssl.SSL_CTX_new(libssl.TLS_method()));
    const pem = testCertificate(this.#random.pick(KEY_TYPES));
    const read = <T>(text: string, read: (bio: BIO) => T | null): T => {
      const bio = made(libssl.BIO_new_mem_buf(encoder.encode(text)));
      this.keep(bio);
      return made(read(bio));
    };
    const cert = read(pem.cert, libssl.PEM_read_bio_X509);
    const key = read(pem.key, (bio) => libssl.PEM_read_bio_PrivateKey(bio));
    libssl.SSL_CTX_use_certificate(ctx, cert);
    libssl.SSL_CTX_use_PrivateKey(ctx, key);
    this.keep([ctx, cert, key, libssl.i2d_X509(cert)]);
    this.#texts.push(
      ...[pem.cert, pem.key].map((text) => encoder.encode(text)),
    );
    return ctx;
  }

  #keepHandle(handle: object): void {
    const kind = (handle as Handle)[Symbol.toStringTag];
    const pool = this.#pools.get(kind) ?? [];
    this.#pools.set(kind, pool);
    this.#replace(pool, handle);
  }

  #replace<T>(pool: T[], value: T): void {
    if (pool.length < POOL_SIZE) pool.push(value);
    else pool[this.#random.below(POOL_SIZE)] = value;
  }

  #argument(name: string, type: string): unknown {
    const random = this.#random;
    if (type.includes("| null") && random.oneIn(5)) return null;
    const [sort = ""] = type.split(" | ");
    if (sort === "number" || /^\d+$/.test(sort)) {
      return random.pick(SMALL[name] ?? this.#numbers());
    }
    if (sort === "bigint") return this.#bigint();
    if (sort === "string" || sort.startsWith("Password")) {
      return random.pick(TEXTS);
    }
    if (sort === "Uint8Array") return this.#bytes();
    if (sort === "Date") return new Date(random.pick([0, 2e12, -1e14, NaN]));
    if (sort.startsWith("Out<")) return { value: 0 };
    if (sort.endsWith("Callback")) return this.#callback();
    const element = /^readonly (\w+)\[\]$/.exec(sort)?.[1];
    return element ? [0, 1].map(() => this.some(element)) : this.some(sort);
  }

  #numbers(): readonly number[] {
    return this.#random.oneIn(2)
      ? NUMBERS
      : CONSTANTS.filter((value) => typeof value === "number");
  }

  #bigint(): bigint {
    const random = this.#random;
    return random.oneIn(4)
      ? random.pick([0n, -1n, 2n ** 64n - 1n, 2n ** 64n])
      : 1n << BigInt(random.below(64));
  }

  /** Random bytes, or a session's or a certificate's, changed in a place. */
  #bytes(): Uint8Array {
    const random = this.#random;
    if (random.oneIn(20)) return new SpoofedBytes(random.pick([0, 1, 80]));
    if (random.oneIn(3)) {
      return random.bytes(random.pick([0, 1, 2, 16, 32, 33, 48, 80, 5000]));
    }
    const copy = new Uint8Array(random.pick(this.#texts));
    if (random.oneIn(2)) copy[random.below(copy.length)] = random.below(256);
    return random.oneIn(4) ? copy.subarray(random.below(copy.length)) : copy;
  }

  /** One that calls other functions, and answers whatever there is. */
  #callback(): (...args: unknown[]) => unknown {
    return (...args) => {
      this.keep(args);
      this.#inCallback();
      if (this.#random.oneIn(20)) {
        throw new CallbackError("thrown in a callback");
      }
      return this.#answer();
    };
  }

  #answer(): unknown {
    const random = this.#random;
    const bytes = (): Uint8Array => random.bytes(random.pick([16, 32, 80]));
    return random.pick([
      ...[() => 0, () => 1, () => 1, () => -1, () => 2, () => null],
      () => undefined,
      () => random.pick(TEXTS),
      () => this.#bytes(),
      bytes,
      () => this.some("SSL_SESSION"),
      () => ({ identity: random.pick(TEXTS), psk: bytes() }),
      () => ({
        key: {
          name: random.bytes(16),
          hmacKey: random.bytes(32),
          aesKey: random.bytes(32),
        },
        renew: random.oneIn(2),
      }),
      () => this.#anything(),
    ])();
  }

  #anything(): unknown {
    return this.#random.pick([
      ...[undefined, null, 0, -1, NaN, 1n, "", "text", true, {}, []],
      ...[() => 1, new Date(), new Uint8Array(3), Symbol("s")],
      ...[...this.#pools.values()].map((pool) => this.#random.pick(pool)),
      made(FOREIGN.libssl.BIO_new_mem()),
    ]);
  }
}
