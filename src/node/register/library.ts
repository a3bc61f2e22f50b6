import { constants } from "node:crypto";
import process from "node:process";
import * as openssl from "../../libssl/constants.ts";
import { OpenSSL } from "../../libssl/openssl.ts";
import { replaceProperties } from "./replace_properties.ts";

/**
 * Has Deno and Bun tell of the library behind `node:tls` that it is OpenSSL. They have BoringSSL,
 * and tell a version of OpenSSL's that it stands for; the options that it doesn't have are 0 in
 * Bun's `crypto.constants`, which is where programs take `secureOptions` from. What undoes it.
 */
export function replaceLibrary(): () => void {
  const [, version] = OpenSSL.default.version.match(/([\d.]+)/) ?? [];
  const steps = [
    replaceProperties(process.versions, told({ openssl: version })),
    replaceProperties(process.features, told({ openssl_is_boringssl: false })),
    replaceProperties(constants, told(OPTIONS)),
  ];
  return () => {
    for (const undo of steps) undo();
  };
}

const OPTIONS: Readonly<Record<string, number>> = {
  // Those that only Node's programs name (openssl/ssl.h).
  SSL_OP_ALL: 0x80000850,
  SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION: 1 << 18,
  SSL_OP_CISCO_ANYCONNECT: 1 << 15,
  SSL_OP_COOKIE_EXCHANGE: 1 << 13,
  SSL_OP_CRYPTOPRO_TLSEXT_BUG: 2 ** 31,
  SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS: 1 << 11,
  SSL_OP_NO_SSLv3: 1 << 25,
  SSL_OP_TLS_ROLLBACK_BUG: 1 << 23,
  ...Object.fromEntries(
    Object.entries(openssl)
      .filter(([name]) => name.startsWith("SSL_OP_"))
      .map(([name, value]) => [name, Number(value)]),
  ),
};

function told(
  values: Readonly<Record<string, unknown>>,
): PropertyDescriptorMap {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      { value, writable: true, enumerable: true, configurable: true },
    ]),
  );
}
