import { received } from "../../internal/received.ts";
import {
  SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
  SSL_VERIFY_NONE,
  SSL_VERIFY_PEER,
  X509_V_FLAG_CRL_CHECK,
  X509_V_FLAG_CRL_CHECK_ALL,
  X509_V_FLAG_PARTIAL_CHAIN,
} from "../../libssl/constants.ts";
import type { SSL_CTX, X509, X509_STORE } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type { CoreOptions } from "./context_options.ts";
import { allocated, opensslError } from "../errors/openssl_error.ts";
import { checkBoolean } from "../../internal/option_checks.ts";
import { withCertificates, withCrls } from "./pem.ts";

/** What servers ask of clients, as `SSL_VERIFY_*`. */
const VERIFY_MODES: Readonly<
  Record<NonNullable<CoreOptions["clientAuth"]>, number>
> = {
  none: SSL_VERIFY_NONE,
  request: SSL_VERIFY_PEER,
  require: SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
};

/** The names of authorities that an extension has room for, beside the others (RFC 8446, 4.2). */
const MAX_CA_NAMES_BYTES = 64_000;

/** Sets whom to trust, and to ask for: whether there is anyone. */
export function setTrust(
  libssl: Libssl,
  ctx: SSL_CTX,
  options: CoreOptions,
): boolean {
  const { caCerts = [], clientAuth = "none", crl } = options;
  const mode = verifyMode(clientAuth);
  if (!Array.isArray(caCerts)) {
    throw new TypeError(
      `options.caCerts must be an array of PEM, received ${typeof caCerts}`,
    );
  }
  checkBoolean(options.allowPartialChain, "allowPartialChain");
  checkBoolean(options.allowCommonName, "allowCommonName");
  checkBoolean(options.sendCaNames, "sendCaNames");
  const store = allocated(
    libssl.SSL_CTX_get_cert_store(ctx),
    "a certificate store",
  );
  if (mode !== SSL_VERIFY_NONE && caCerts.length === 0) {
    throw new TypeError(
      `options.clientAuth "${clientAuth}" needs options.caCerts to verify clients by`,
    );
  }
  const names = new CaNames(libssl, ctx, options);
  try {
    caCerts.forEach((pem, i) =>
      withCertificates(libssl, pem, `options.caCerts[${i}]`, (certificates) => {
        for (const x of certificates) {
          check(libssl, libssl.X509_STORE_add_cert(store, x), "caCerts");
          names.add(x);
        }
      })
    );
    names.set();
  } finally {
    names.free();
  }
  if (options.allowPartialChain) {
    libssl.X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  }
  if (crl !== undefined) setCrls(libssl, store, crl, caCerts);
  return caCerts.length > 0;
}

/** The `SSL_VERIFY_*` bits of a policy of client authentication. */
export function verifyMode(
  clientAuth: CoreOptions["clientAuth"] = "none",
): number {
  if (!Object.hasOwn(VERIFY_MODES, clientAuth)) {
    throw new TypeError(
      `options.clientAuth must be ${
        Object.keys(VERIFY_MODES).map(received).join(", ")
      }, received ${received(clientAuth)}`,
    );
  }
  return VERIFY_MODES[clientAuth];
}

/** The whole chain is checked: an authority may be revoked, too. */
function setCrls(
  libssl: Libssl,
  store: X509_STORE,
  crl: NonNullable<CoreOptions["crl"]>,
  caCerts: readonly string[],
): void {
  const isList = Array.isArray(crl);
  const lists: readonly (string | Uint8Array)[] = isList ? crl : [crl];
  if (lists.length === 0) {
    throw new TypeError(
      "options.crl must have one list at least, received an empty array",
    );
  }
  if (caCerts.length === 0) {
    throw new TypeError(
      "options.crl needs options.caCerts: it is about certificates of theirs",
    );
  }
  lists.forEach((list, i) => {
    const name = isList ? `options.crl[${i}]` : "options.crl";
    withCrls(libssl, list, name, (crls) => {
      for (const one of crls) {
        check(libssl, libssl.X509_STORE_add_crl(store, one), "crl");
      }
    });
  });
  libssl.X509_STORE_set_flags(
    store,
    X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL,
  );
}

/** The names by which a server says whose certificates it takes: each once. */
class CaNames {
  readonly #libssl: Libssl;
  readonly #ctx: SSL_CTX;
  readonly #isSent: boolean | undefined;
  readonly #issuers = new Map<string, X509>();
  #bytes = 0;

  constructor(
    libssl: Libssl,
    ctx: SSL_CTX,
    { clientAuth = "none", sendCaNames }: CoreOptions,
  ) {
    this.#libssl = libssl;
    this.#ctx = ctx;
    this.#isSent = clientAuth === "none" ? false : sendCaNames;
  }

  /** Counts a certificate's subject. */
  add(x: X509): void {
    if (this.#isSent === false) return;
    const name = this.#libssl.X509_get_subject_name_der(x);
    if (name === null) return;
    const key = name.join();
    if (this.#issuers.has(key)) return;
    this.#libssl.X509_up_ref(x);
    this.#issuers.set(key, x);
    this.#bytes += 2 + name.length;
  }

  /** Has them sent, if they fit. */
  set(): void {
    if (this.#bytes <= MAX_CA_NAMES_BYTES) {
      for (const x of this.#issuers.values()) {
        check(
          this.#libssl,
          this.#libssl.SSL_CTX_add_client_CA(this.#ctx, x),
          "caCerts",
        );
      }
    } else if (this.#isSent) {
      throw new RangeError(
        `options.sendCaNames needs names of at most ${MAX_CA_NAMES_BYTES} bytes in options.caCerts, received ${this.#bytes}`,
      );
    }
  }

  /** Gives the certificates back. */
  free(): void {
    for (const x of this.#issuers.values()) this.#libssl.X509_free(x);
  }
}

function check(libssl: Libssl, result: number, option: string): void {
  if (result === 1) return;
  throw opensslError(libssl, "certificate", `Cannot use options.${option}`);
}
