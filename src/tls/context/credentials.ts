import { ownOptions } from "../../internal/own_options.ts";
import { TlsError } from "../../internal/tls_error.ts";
import type { EVP_PKEY, SSL_CTX, X509 } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import { X509_V_OK } from "../../libssl/constants.ts";
import type { CoreOptions, TlsCertificateOptions } from "./context_options.ts";
import { opensslError } from "../errors/openssl_error.ts";
import { withCertificates, withPrivateKey } from "./pem.ts";

const NAMES: Readonly<Record<keyof TlsCertificateOptions, true>> = {
  cert: true,
  key: true,
  passphrase: true,
  pfx: true,
};

/** OpenSSL would cut what is longer (`PEM_BUFSIZE`). */
const MAX_PASSPHRASE_BYTES = 1024;

/** Sets the certificates with their keys and chains: whether there are any. */
export function setCertificates(
  libssl: Libssl,
  ctx: SSL_CTX,
  options: CoreOptions,
): boolean {
  const { certificates } = options;
  if (certificates === undefined) {
    return use(libssl, ctx, options, "options", new Set());
  }
  const other = (Object.keys(NAMES) as (keyof TlsCertificateOptions)[])
    .find((name) => options[name] !== undefined);
  if (other !== undefined) {
    throw new TypeError(
      `options.${other} can't be used with options.certificates, which have their own`,
    );
  }
  if (!Array.isArray(certificates) || certificates.length === 0) {
    throw new TypeError(
      `options.certificates must be an array of one certificate at least, received ${
        Array.isArray(certificates) ? "an empty one" : typeof certificates
      }`,
    );
  }
  const types = new Set<string>();
  certificates.forEach((entry: TlsCertificateOptions, i) => {
    const path = `options.certificates[${i}]`;
    const own = ownOptions(entry, NAMES, {
      of: "a certificate",
      path: ["certificates", i],
    });
    if (use(libssl, ctx, own, path, types)) return;
    throw new TypeError(`${path} must have a cert and a key, or a pfx`);
  });
  return true;
}

/** Sets one: whether there is one. */
function use(
  libssl: Libssl,
  ctx: SSL_CTX,
  { cert, key, pfx, passphrase }: TlsCertificateOptions,
  path: string,
  types: Set<string>,
): boolean {
  checkPassphrase(passphrase, path);
  if (pfx !== undefined && (cert !== undefined || key !== undefined)) {
    throw new TypeError(
      `${path}.pfx can't be used with ${path}.cert or ${path}.key: it has both`,
    );
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw new TypeError(`${path}.cert and ${path}.key must come together`);
  }
  if (pfx !== undefined) {
    withPfx(libssl, pfx, passphrase, path, (leaf, chain, pkey) => {
      setOne(libssl, ctx, { leaf, chain, pkey, path }, types);
    });
    return true;
  }
  if (cert === undefined || key === undefined) return false;
  withCertificates(
    libssl,
    cert,
    `${path}.cert`,
    ([leaf, ...chain]) =>
      withPrivateKey(libssl, key, `${path}.key`, (pkey) => {
        checkPair(libssl, leaf, chain, pkey, path);
        setOne(libssl, ctx, { leaf, chain, pkey, path }, types);
      }, passphrase),
  );
  return true;
}

/** OpenSSL takes a key of another type than the certificate's for that of another certificate. */
function checkPair(
  libssl: Libssl,
  leaf: X509,
  chain: readonly X509[],
  pkey: EVP_PKEY,
  path: string,
): void {
  const belongsTo = (x: X509): boolean =>
    libssl.X509_check_private_key(x, pkey) === 1;
  if (belongsTo(leaf)) return;
  const mismatch = opensslError(
    libssl,
    "certificate",
    `Cannot use ${path}.key: it is not that of the first certificate in ${path}.cert`,
  );
  const at = chain.findIndex(belongsTo);
  libssl.ERR_clear_error();
  if (at === -1) throw mismatch;
  throw new TlsError(
    "certificate",
    `Cannot use ${path}.cert: ${path}.key is that of its certificate ${
      at + 2
    }, which must come first`,
    { reason: mismatch.reason },
  );
}

function setOne(
  libssl: Libssl,
  ctx: SSL_CTX,
  { leaf, chain, pkey, path }: {
    readonly leaf: X509;
    readonly chain: readonly X509[];
    readonly pkey: EVP_PKEY;
    readonly path: string;
  },
  types: Set<string>,
): void {
  const type = libssl.EVP_PKEY_get0_type_name(pkey);
  if (types.has(type)) {
    throw new TypeError(
      `${path} must have another sort of key than those before it, received one more of ${type}`,
    );
  }
  types.add(type);
  if (libssl.SSL_CTX_use_cert_and_key(ctx, leaf, pkey, chain, 0) === 1) return;
  throw opensslError(
    libssl,
    "certificate",
    `Cannot use the certificate of ${path}`,
  );
}

function withPfx(
  libssl: Libssl,
  pfx: Uint8Array,
  passphrase: string | undefined,
  path: string,
  use: (leaf: X509, chain: readonly X509[], pkey: EVP_PKEY) => void,
): void {
  if (!(pfx instanceof Uint8Array)) {
    throw new TypeError(
      `${path}.pfx must be a Uint8Array, received ${typeof pfx}`,
    );
  }
  const file = libssl.PKCS12_parse(pfx, passphrase ?? null);
  if (file === null) {
    throw opensslError(
      libssl,
      "certificate",
      `Cannot read ${path}.pfx: it is no PKCS#12 file, or the passphrase is another`,
    );
  }
  try {
    if (!file.key || !file.cert) {
      throw new TlsError(
        "certificate",
        `Cannot use ${path}.pfx: it has no private key with its certificate`,
      );
    }
    use(file.cert, chainOf(libssl, file.cert, file.caCerts), file.key);
  } finally {
    libssl.EVP_PKEY_free(file.key);
    for (const x of [file.cert, ...file.caCerts]) libssl.X509_free(x);
  }
}

/** The issuers of a certificate, without a root, which peers have: files hold them in any order. */
function chainOf(libssl: Libssl, leaf: X509, others: readonly X509[]): X509[] {
  const isIssuerOf = (issuer: X509, x: X509): boolean =>
    libssl.X509_check_issued(issuer, x) === X509_V_OK;
  const rest = new Set(others.filter((x) => !isIssuerOf(x, x)));
  const chain: X509[] = [];
  for (let last = leaf;;) {
    const issuer = [...rest].find((x) => isIssuerOf(x, last));
    if (issuer === undefined) return chain;
    rest.delete(issuer);
    chain.push(issuer);
    last = issuer;
  }
}

function checkPassphrase(passphrase: string | undefined, path: string): void {
  if (passphrase === undefined) return;
  if (typeof passphrase !== "string" || passphrase.includes("\0")) {
    throw new TypeError(
      `${path}.passphrase must be a string without NUL, received ${
        typeof passphrase === "string" ? "one with it" : typeof passphrase
      }`,
    );
  }
  const { length } = new TextEncoder().encode(passphrase);
  if (length > MAX_PASSPHRASE_BYTES) {
    throw new RangeError(
      `${path}.passphrase must be at most ${MAX_PASSPHRASE_BYTES} bytes of UTF-8, received ${length}`,
    );
  }
}
