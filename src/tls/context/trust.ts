import {
  optionError,
  type OptionPath,
  optionRangeError,
  optionTypeError,
} from "../../internal/option_error.ts";
import { checkBoolean } from "../../internal/option_checks.ts";
import { received } from "../../internal/received.ts";
import {
  SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
  SSL_VERIFY_NONE,
  SSL_VERIFY_PEER,
  X509_V_FLAG_CRL_CHECK,
  X509_V_FLAG_CRL_CHECK_ALL,
  X509_V_FLAG_PARTIAL_CHAIN,
} from "../../libssl/constants.ts";
import type { SSL_CTX, X509_STORE } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import { allocated, optionFailure } from "../errors/openssl_error.ts";
import { CaNames } from "./ca_names.ts";
import type { CoreOptions, TlsTrustOptions } from "./context_options.ts";
import { withCertificates, withCrls } from "./pem.ts";

/** The `SSL_VERIFY_*` bits of `clientAuth`. */
const VERIFY_MODES: Readonly<
  Record<NonNullable<TlsTrustOptions["clientAuth"]>, number>
> = {
  none: SSL_VERIFY_NONE,
  request: SSL_VERIFY_PEER,
  require: SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
};

/** What a context verifies its peers by, in DER. */
export interface TrustedObjects {
  /** The certificates of `caCerts`. */
  readonly authorities: readonly Uint8Array[];
  /** The certificate revocation lists of `crl`. */
  readonly crls: readonly Uint8Array[];
}

/** Sets what a context verifies its peers by. */
export function setTrust(
  libssl: Libssl,
  ctx: SSL_CTX,
  options: CoreOptions,
): TrustedObjects {
  const { caCerts = [], clientAuth = "none", crl } = options;
  const mode = verifyMode(clientAuth);
  if (!Array.isArray(caCerts)) {
    throw optionTypeError(
      "caCerts",
      `must be an array of strings of PEM, received ${received(caCerts)}`,
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
    throw optionError(
      "clientAuth",
      (nameOf) =>
        `${nameOf(["clientAuth"])} "${clientAuth}" needs ${
          nameOf(["caCerts"])
        } to verify clients`,
      (message) => new TypeError(message),
    );
  }
  const authorities = setAuthorities(libssl, ctx, store, options);
  if (options.allowPartialChain) {
    libssl.X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  }
  const crls = crl === undefined ? [] : setCrls(libssl, store, crl, caCerts);
  return { authorities, crls };
}

/** The `SSL_VERIFY_*` bits of `clientAuth`. */
export function verifyMode(
  clientAuth: TlsTrustOptions["clientAuth"] = "none",
): number {
  if (!Object.hasOwn(VERIFY_MODES, clientAuth)) {
    throw optionTypeError(
      "clientAuth",
      `must be ${
        Object.keys(VERIFY_MODES).map(received).join(", ")
      }, received ${received(clientAuth)}`,
    );
  }
  return VERIFY_MODES[clientAuth];
}

function setAuthorities(
  libssl: Libssl,
  ctx: SSL_CTX,
  store: X509_STORE,
  { caCerts = [], clientAuth = "none", sendCaNames }: CoreOptions,
): Uint8Array[] {
  const all: Uint8Array[] = [];
  const names = new CaNames(libssl);
  try {
    caCerts.forEach((pem, i) => {
      const path = ["caCerts", i];
      withCertificates(libssl, pem, path, (certificates, der) => {
        for (const x of certificates) {
          check(libssl, libssl.X509_STORE_add_cert(store, x), path);
          if (clientAuth !== "none" && sendCaNames !== false) names.add(x);
        }
        all.push(...der);
      });
    });
    if (names.fit) {
      check(libssl, names.send(ctx), ["caCerts"]);
    } else if (sendCaNames) {
      throw optionRangeError("sendCaNames", names.excess);
    }
    return all;
  } finally {
    names.free();
  }
}

/** The whole chain is checked: an intermediate certificate can be revoked, too. */
function setCrls(
  libssl: Libssl,
  store: X509_STORE,
  crl: NonNullable<CoreOptions["crl"]>,
  caCerts: readonly string[],
): Uint8Array[] {
  const isList = Array.isArray(crl);
  const lists: readonly (string | Uint8Array)[] = isList ? crl : [crl];
  if (lists.length === 0) {
    throw optionTypeError(
      "crl",
      "must have at least one list, received an empty array",
    );
  }
  if (caCerts.length === 0) {
    throw optionError(
      "crl",
      (nameOf) =>
        `${nameOf(["crl"])} needs ${
          nameOf(["caCerts"])
        }, whose certificates it revokes`,
      (message) => new TypeError(message),
    );
  }
  const all: Uint8Array[] = [];
  lists.forEach((list, i) => {
    const path = isList ? ["crl", i] : ["crl"];
    withCrls(libssl, list, path, (crls, der) => {
      for (const one of crls) {
        check(libssl, libssl.X509_STORE_add_crl(store, one), path);
      }
      all.push(...der);
    });
  });
  libssl.X509_STORE_set_flags(
    store,
    X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL,
  );
  return all;
}

function check(libssl: Libssl, result: number, path: OptionPath): void {
  if (result === 1) return;
  throw optionFailure(
    libssl,
    "certificate",
    path,
    (nameOf) => `Cannot use ${nameOf(path)}`,
  );
}
