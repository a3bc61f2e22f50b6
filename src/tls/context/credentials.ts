import {
  optionError,
  type OptionPath,
  optionRangeError,
  optionTypeError,
} from "../../internal/option_error.ts";
import { ownOptions } from "../../internal/own_options.ts";
import { received } from "../../internal/received.ts";
import type { EVP_PKEY, SSL_CTX, X509 } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import { allocated, optionFailure } from "../errors/openssl_error.ts";
import type { CoreOptions, TlsCertificateOptions } from "./context_options.ts";
import { withCertificates, withPrivateKey } from "./pem.ts";
import { withPkcs12 } from "./pkcs12.ts";

const NAMES: Readonly<Record<keyof TlsCertificateOptions, true>> = {
  cert: true,
  key: true,
  passphrase: true,
  pfx: true,
};

/** OpenSSL would cut a longer one (`PEM_BUFSIZE`). */
const MAX_PASSPHRASE_BYTES = 1024;

/** A certificate with its chain, in DER, as a context sends it. */
export type CertificateChain = readonly Uint8Array[];

/** A certificate with its chain and key, read from the options at a path. */
interface Credential {
  readonly path: OptionPath;
  readonly leaf: X509;
  readonly chain: readonly X509[];
  readonly pkey: EVP_PKEY;
}

/**
 * Sets the certificates of a context with their chains and keys.
 *
 * @returns The chains; none without certificates.
 */
export function setCertificates(
  libssl: Libssl,
  ctx: SSL_CTX,
  options: CoreOptions,
): CertificateChain[] {
  const setter = new CertificateSetter(libssl, ctx);
  const { certificates } = options;
  if (certificates === undefined) {
    setter.set(options, []);
    return setter.chains;
  }
  const other = (Object.keys(NAMES) as (keyof TlsCertificateOptions)[])
    .find((name) => options[name] !== undefined);
  if (other !== undefined) {
    throw optionError(
      other,
      (nameOf) =>
        `${nameOf([other])} can't be used with ${nameOf(["certificates"])}`,
      (message) => new TypeError(message),
    );
  }
  if (!Array.isArray(certificates) || certificates.length === 0) {
    throw optionTypeError(
      "certificates",
      `must be an array of at least one certificate, received ${
        received(certificates)
      }`,
    );
  }
  certificates.forEach((entry: TlsCertificateOptions, i) => {
    const path = ["certificates", i];
    const own = ownOptions(entry, NAMES, { of: "a certificate", path });
    if (setter.set(own, path)) return;
    throw optionTypeError(path, "must have a cert and a key, or a pfx");
  });
  return setter.chains;
}

/** Sets the certificates of one context. */
class CertificateSetter {
  readonly chains: CertificateChain[] = [];
  readonly #libssl: Libssl;
  readonly #ctx: SSL_CTX;
  readonly #keyTypes = new Set<string>();

  constructor(libssl: Libssl, ctx: SSL_CTX) {
    this.#libssl = libssl;
    this.#ctx = ctx;
  }

  /** Sets the certificate of the options at `path`: whether they have one. */
  set(options: TlsCertificateOptions, path: OptionPath): boolean {
    const { cert, key, pfx, passphrase } = options;
    checkCombination(options, path);
    checkPassphrase(passphrase, [...path, "passphrase"]);
    const libssl = this.#libssl;
    if (pfx !== undefined) {
      withPkcs12(libssl, pfx, passphrase, [...path, "pfx"], (contents) => {
        this.#use({ ...contents, path });
      });
      return true;
    }
    if (cert === undefined || key === undefined) return false;
    withCertificates(
      libssl,
      cert,
      [...path, "cert"],
      ([leaf, ...chain]) =>
        withPrivateKey(libssl, key, [...path, "key"], (pkey) => {
          const credential = { path, leaf, chain, pkey };
          this.#checkPair(credential);
          this.#use(credential);
        }, passphrase),
    );
    return true;
  }

  /** OpenSSL takes a key of another type for the key of another certificate. */
  #checkPair({ path, leaf, chain, pkey }: Credential): void {
    const isKeyOf = (x: X509): boolean =>
      this.#libssl.X509_check_private_key(x, pkey) === 1;
    if (isKeyOf(leaf)) return;
    const position = 2 + chain.findIndex(isKeyOf);
    const [cert, key] = [[...path, "cert"], [...path, "key"]];
    throw optionFailure(
      this.#libssl,
      "certificate",
      key,
      (nameOf) =>
        position === 1
          ? `Cannot use ${
            nameOf(key)
          }: it is not the key of the first certificate in ${nameOf(cert)}`
          : `Cannot use ${
            nameOf(key)
          }: it is the key of certificate ${position} in ${
            nameOf(cert)
          }, which must come first`,
    );
  }

  #use({ path, leaf, chain, pkey }: Credential): void {
    const libssl = this.#libssl;
    const type = libssl.EVP_PKEY_get0_type_name(pkey);
    if (this.#keyTypes.has(type)) {
      throw optionTypeError(
        path,
        `must have another type of key than the certificates before it, received ${type} again`,
      );
    }
    this.#keyTypes.add(type);
    const result = libssl.SSL_CTX_use_cert_and_key(
      this.#ctx,
      leaf,
      pkey,
      chain,
      0,
    );
    if (result !== 1) {
      throw optionFailure(
        libssl,
        "certificate",
        path,
        (nameOf) => `Cannot use the certificate of ${nameOf(path)}`,
      );
    }
    this.chains.push(
      [leaf, ...chain].map((x) =>
        allocated(libssl.i2d_X509(x), "a certificate")
      ),
    );
  }
}

function checkCombination(
  { cert, key, pfx }: TlsCertificateOptions,
  path: OptionPath,
): void {
  const refusal = (name: string, rest: string): TypeError =>
    optionError(
      [...path, name],
      (nameOf) => {
        const [pfx, cert, key] = ["pfx", "cert", "key"]
          .map((name) => nameOf([...path, name]));
        return name === "pfx"
          ? `${pfx} can't be used with ${cert} or ${key}${rest}`
          : `${cert} and ${key} must be used together${rest}`;
      },
      (message) => new TypeError(message),
    );
  if (pfx !== undefined && (cert !== undefined || key !== undefined)) {
    throw refusal("pfx", "");
  }
  if ((cert === undefined) !== (key === undefined)) {
    const missing = cert === undefined ? "cert" : "key";
    throw refusal(missing, `: ${missing} is missing`);
  }
}

function checkPassphrase(
  passphrase: string | undefined,
  path: OptionPath,
): void {
  if (passphrase === undefined) return;
  if (typeof passphrase !== "string" || passphrase.includes("\0")) {
    throw optionTypeError(
      path,
      `must be a string without NUL, received ${
        typeof passphrase === "string" ? "one with NUL" : typeof passphrase
      }`,
    );
  }
  const { length } = new TextEncoder().encode(passphrase);
  if (length > MAX_PASSPHRASE_BYTES) {
    throw optionRangeError(
      path,
      `must be at most ${MAX_PASSPHRASE_BYTES} bytes of UTF-8, received ${length}`,
    );
  }
}
