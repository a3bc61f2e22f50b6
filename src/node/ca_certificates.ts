import { readFileSync } from "node:fs";
import type { PemInput } from "./context/options.ts";
import {
  certificatePem,
  NO_START_LINE,
  withCertificates,
} from "./context/pem.ts";
import { OpenSSL } from "../libssl/openssl.ts";
import { invalidArgType, invalidArgValue } from "./errors/argument_errors.ts";
import { contextError } from "./errors/openssl_errors.ts";
import { operationFailed } from "./errors/tls_errors.ts";
import { validateArray, validateString } from "./errors/validate.ts";
import { type CaType, runtimeTls } from "./runtime_tls.ts";

/** Deno leaves the comments of a file before this. */
const BEGIN = "-----BEGIN";

/** Counts the calls of `setDefaultCACertificates`: what was made of an older set is outdated. */
let generation = 0;
/** What the program set in place of the default. */
let chosen: readonly string[] | undefined;
const lists = new Map<CaType, readonly string[]>();

/** Which set of default certificates counts now: another number after each change. */
export function caGeneration(): number {
  return generation;
}

/**
 * The certificates that are trusted, in PEM: `"default"` are those of contexts without `ca`,
 * `"bundled"` those of the runtime (Mozilla's), `"system"` those of the operating system, where
 * the runtime reads them, and `"extra"` those of the file that `NODE_EXTRA_CA_CERTS` names.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, or `ERR_INVALID_ARG_VALUE` for another type.
 */
export function getCACertificates(type: CaType = "default"): readonly string[] {
  validateString(type, "type");
  if (type === "default" && chosen !== undefined) return chosen;
  const known = lists.get(type);
  if (known !== undefined) return known;
  const given = certificatesOf(type);
  const isPlain = given.every((pem) => pem.startsWith(BEGIN));
  // The runtime's own list, where a program may have it besides.
  const list = isPlain && Object.isFrozen(given)
    ? given
    : Object.freeze(given.map((pem) => pem.slice(pem.indexOf(BEGIN))));
  lists.set(type, list);
  return list;
}

/**
 * Sets the certificates that contexts without `ca` trust from now on, in place of the default.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`.
 * @throws {Error} `ERR_CRYPTO_OPERATION_FAILED`, if one isn't a certificate in PEM.
 */
export function setDefaultCACertificates(
  certs: readonly (string | ArrayBufferView)[],
): void {
  validateArray(certs, "certs");
  certs.forEach((cert: unknown, i) => {
    if (typeof cert === "string" || ArrayBuffer.isView(cert)) return;
    throw invalidArgType(`certs[${i}]`, ["string", "ArrayBufferView"], cert);
  });
  const pems = certs.flatMap((cert) => certificatesIn(cert));
  if (certs.length > 0 && pems.length === 0) {
    throw operationFailed("No valid certificates found in the provided array");
  }
  runtimeTls.setDefaultCACertificates?.(pems);
  chosen = Object.freeze([...new Set(pems)]);
  generation++;
}

function certificatesOf(type: CaType): readonly string[] {
  switch (type) {
    case "bundled":
      return runtimeTls.rootCertificates();
    case "default":
      return runtimeDefault() ??
        [...runtimeTls.rootCertificates(), ...getCACertificates("extra")];
    case "extra":
      return runtimeTls.getCACertificates?.("extra") ?? extraCertificates();
    case "system":
      return runtimeTls.getCACertificates?.("system") ?? [];
    default:
      throw invalidArgValue("type", type);
  }
}

/** Deno needs permissions to say them. */
function runtimeDefault(): readonly string[] | undefined {
  try {
    return runtimeTls.getCACertificates?.("default");
  } catch {
    return undefined;
  }
}

/** Of the file that the variable names; a runtime may not let a program read either. */
function extraCertificates(): string[] {
  try {
    const file = globalThis.process?.env.NODE_EXTRA_CA_CERTS;
    return file ? certificatesIn(readFileSync(file, "utf8")) : [];
  } catch {
    return [];
  }
}

/**
 * Each certificate of an input as PEM of its own.
 *
 * @throws {OpenSSLError} If one is damaged.
 */
function certificatesIn(input: PemInput): string[] {
  const { libssl } = OpenSSL.default;
  libssl.ERR_clear_error();
  return withCertificates(libssl, input, (all) => {
    if (libssl.ERR_peek_last_error() !== NO_START_LINE) {
      throw contextError(libssl, "newest");
    }
    libssl.ERR_clear_error();
    return all.map((x) =>
      certificatePem(libssl.i2d_X509(x) ?? new Uint8Array())
    );
  });
}
