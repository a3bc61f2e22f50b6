import {
  SSL_MODE_RELEASE_BUFFERS,
  SSL_OP_CIPHER_SERVER_PREFERENCE,
  SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
  SSL_VERIFY_NONE,
  SSL_VERIFY_PEER,
  TLS1_1_VERSION,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
  TLS1_VERSION,
} from "../libssl/constants.ts";
import type { SSL_CTX } from "../libssl/handles.ts";
import type { Libssl } from "../libssl/libssl.ts";
import { selectAlpnProtocol, toAlpnList } from "./alpn.ts";
import type { TlsContextOptions, TlsVersion } from "./context_options.ts";
import { notify } from "./notify.ts";
import { allocated, opensslError } from "./openssl_error.ts";
import { withCertificates, withPrivateKey } from "./pem.ts";

const VERSIONS: Readonly<Record<TlsVersion, number>> = {
  "TLSv1": TLS1_VERSION,
  "TLSv1.1": TLS1_1_VERSION,
  "TLSv1.2": TLS1_2_VERSION,
  "TLSv1.3": TLS1_3_VERSION,
};

/** What servers ask of clients, as `SSL_VERIFY_*`. */
const VERIFY_MODES: Readonly<
  Record<NonNullable<TlsContextOptions["clientAuth"]>, number>
> = {
  none: SSL_VERIFY_NONE,
  request: SSL_VERIFY_PEER,
  require: SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
};

/**
 * ChaCha20 first, then OpenSSL's own order: without AES instructions it is about three
 * times as fast here as AES-GCM, and constant-time.
 */
const CIPHERSUITES =
  "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256";
const CIPHER_LIST = "CHACHA20:ALL:!COMPLEMENTOFDEFAULT:!eNULL";

/** Sets the certificate and key: whether there are any. */
export function setCertificate(
  libssl: Libssl,
  ctx: SSL_CTX,
  { cert, key }: TlsContextOptions,
): boolean {
  if ((cert === undefined) !== (key === undefined)) {
    throw new TypeError("options.cert and options.key must come together");
  }
  if (cert === undefined || key === undefined) return false;
  withCertificates(libssl, cert, "options.cert", ([leaf, ...chain]) => {
    check(libssl, libssl.SSL_CTX_use_certificate(ctx, leaf), "cert");
    for (const x of chain) {
      check(libssl, libssl.SSL_CTX_add1_chain_cert(ctx, x), "cert");
    }
  });
  withPrivateKey(libssl, key, "options.key", (pkey) => {
    check(libssl, libssl.SSL_CTX_use_PrivateKey(ctx, pkey), "key");
  });
  return true;
}

/** Sets whom to trust, and to ask for: whether there is anyone. */
export function setTrust(
  libssl: Libssl,
  ctx: SSL_CTX,
  { caCerts = [], clientAuth = "none" }: TlsContextOptions,
): boolean {
  if (!Array.isArray(caCerts)) {
    throw new TypeError(
      `options.caCerts must be an array of PEM, received ${typeof caCerts}`,
    );
  }
  const store = allocated(
    libssl.SSL_CTX_get_cert_store(ctx),
    "a certificate store",
  );
  caCerts.forEach((pem, i) =>
    withCertificates(libssl, pem, `options.caCerts[${i}]`, (certificates) => {
      for (const x of certificates) {
        check(libssl, libssl.X509_STORE_add_cert(store, x), "caCerts");
        if (clientAuth !== "none") libssl.SSL_CTX_add1_to_CA_list(ctx, x);
      }
    })
  );
  if (clientAuth !== "none" && caCerts.length === 0) {
    throw new TypeError(
      `options.clientAuth "${clientAuth}" needs options.caCerts to verify clients by`,
    );
  }
  return caCerts.length > 0;
}

/** The `SSL_VERIFY_*` bits of a policy of client authentication. */
export function verifyMode(
  clientAuth: TlsContextOptions["clientAuth"] = "none",
): number {
  if (!Object.hasOwn(VERIFY_MODES, clientAuth)) {
    throw new TypeError(
      `options.clientAuth must be ${
        Object.keys(VERIFY_MODES).join(", ")
      }, received ${clientAuth}`,
    );
  }
  return VERIFY_MODES[clientAuth];
}

/** Sets versions, the order of ciphers, application protocols and the key log. */
export function setProtocol(
  libssl: Libssl,
  ctx: SSL_CTX,
  options: TlsContextOptions,
): void {
  const { minVersion = "TLSv1.2", maxVersion = "TLSv1.3", keyLog } = options;
  const min = versionNumber(minVersion, "options.minVersion");
  const max = versionNumber(maxVersion, "options.maxVersion");
  if (min > max) {
    throw new RangeError(
      `options.minVersion ${minVersion} is above options.maxVersion ${maxVersion}`,
    );
  }
  // An idle connection needs no 33 KiB of buffers.
  libssl.SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
  libssl.SSL_CTX_set_min_proto_version(ctx, min);
  libssl.SSL_CTX_set_max_proto_version(ctx, max);
  libssl.SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
  libssl.SSL_CTX_set_ciphersuites(ctx, CIPHERSUITES);
  libssl.SSL_CTX_set_cipher_list(ctx, CIPHER_LIST);
  if (keyLog !== undefined) {
    if (typeof keyLog !== "function") {
      throw new TypeError(
        `options.keyLog must be a function, received ${typeof keyLog}`,
      );
    }
    libssl.SSL_CTX_set_keylog_callback(
      ctx,
      (_ssl, line) => notify("keyLog", () => keyLog(line)),
    );
  }
  setAlpn(libssl, ctx, options.alpnProtocols ?? []);
}

function setAlpn(libssl: Libssl, ctx: SSL_CTX, protocols: string[]): void {
  if (protocols.length === 0) return;
  libssl.SSL_CTX_set_alpn_protos(ctx, toAlpnList(protocols));
  libssl.SSL_CTX_set_alpn_select_cb(
    ctx,
    (_ssl, offered) => selectAlpnProtocol(protocols, offered),
  );
}

function versionNumber(version: TlsVersion, name: string): number {
  if (!Object.hasOwn(VERSIONS, version)) {
    throw new TypeError(
      `${name} must be ${
        Object.keys(VERSIONS).join(", ")
      }, received ${version}`,
    );
  }
  return VERSIONS[version];
}

function check(libssl: Libssl, result: number, option: string): void {
  if (result === 1) return;
  throw opensslError(libssl, "certificate", `Cannot use options.${option}`);
}
