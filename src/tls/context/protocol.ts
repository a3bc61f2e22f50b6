import { checkedInteger, checkFunction } from "../../internal/option_checks.ts";
import { optionError, optionTypeError } from "../../internal/option_error.ts";
import { received } from "../../internal/received.ts";
import {
  SSL_MODE_RELEASE_BUFFERS,
  SSL_OP_CIPHER_SERVER_PREFERENCE,
  TLS1_1_VERSION,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
  TLS1_VERSION,
} from "../../libssl/constants.ts";
import type { SSL_CTX } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { opensslInternals } from "../../libssl/openssl_internals.ts";
import { allocated } from "../errors/openssl_error.ts";
import { toAlpnList } from "./alpn.ts";
import type { CoreOptions, TlsVersion } from "./context_options.ts";
import { notify } from "../../internal/notify.ts";

const VERSIONS: Readonly<Record<TlsVersion, number>> = {
  "TLSv1": TLS1_VERSION,
  "TLSv1.1": TLS1_1_VERSION,
  "TLSv1.2": TLS1_2_VERSION,
  "TLSv1.3": TLS1_3_VERSION,
};

/**
 * ChaCha20 first, then OpenSSL's own order: without AES instructions a connection carries
 * 355 MB/s by it and 167 MB/s by AES-128-GCM (bench/README.md), with the kernels of both.
 */
const CIPHERSUITES =
  "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256";
const CIPHER_LIST = "CHACHA20:ALL:!COMPLEMENTOFDEFAULT:!eNULL";

/**
 * OpenSSL's default is 100 KiB. A usual chain has 3 to 6 KB, the names of authorities in a
 * certificate request up to 64 KiB.
 */
const MAX_CERT_LIST = 65_536;
/** The greatest length of a handshake message (RFC 8446, section 4). */
const MAX_MESSAGE_BYTES = 0xff_ffff;

/** Sets versions, cipher suites, application protocols and the key log of a context. */
export function setProtocol(
  openssl: OpenSSL,
  ctx: SSL_CTX,
  options: CoreOptions,
): void {
  const { libssl } = openssl;
  const { minVersion = "TLSv1.2", maxVersion = "TLSv1.3", keyLog } = options;
  const min = versionNumber(minVersion, "minVersion");
  const max = versionNumber(maxVersion, "maxVersion");
  if (min > max) {
    throw optionError(
      "minVersion",
      (nameOf) =>
        `${nameOf(["minVersion"])} ${minVersion} is above ${
          nameOf(["maxVersion"])
        } ${maxVersion}`,
      (message) => new RangeError(message),
    );
  }
  // Else an idle connection keeps 33 KiB of buffers.
  libssl.SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
  libssl.SSL_CTX_set_min_proto_version(ctx, min);
  libssl.SSL_CTX_set_max_proto_version(ctx, max);
  libssl.SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
  libssl.SSL_CTX_set_ciphersuites(ctx, CIPHERSUITES);
  libssl.SSL_CTX_set_cipher_list(ctx, CIPHER_LIST);
  checkFunction(keyLog, "keyLog");
  if (keyLog !== undefined) {
    libssl.SSL_CTX_set_keylog_callback(
      ctx,
      (_ssl, line) => notify("keyLog", () => keyLog(line)),
    );
  }
  setDh(libssl, ctx, options.dhparam);
  setMaxCertList(libssl, ctx, options.maxCertList);
  setAlpn(openssl, ctx, options.alpnProtocols ?? []);
}

/** Without parameters, a server can't negotiate the `DHE` cipher suites of TLS 1.2. */
function setDh(
  libssl: Libssl,
  ctx: SSL_CTX,
  dhparam: CoreOptions["dhparam"] = "auto",
): void {
  if (dhparam !== "auto" && dhparam !== "none") {
    throw optionTypeError(
      "dhparam",
      `must be "auto" or "none", received ${received(dhparam)}`,
    );
  }
  libssl.SSL_CTX_set_dh_auto(ctx, dhparam === "auto" ? 1 : 0);
}

function setMaxCertList(
  libssl: Libssl,
  ctx: SSL_CTX,
  size: number = MAX_CERT_LIST,
): void {
  checkedInteger(size, "maxCertList", { min: 1, max: MAX_MESSAGE_BYTES });
  libssl.SSL_CTX_set_max_cert_list(ctx, size);
}

function setAlpn(openssl: OpenSSL, ctx: SSL_CTX, protocols: string[]): void {
  const list = toAlpnList(protocols);
  if (list.length === 0) return;
  openssl.libssl.SSL_CTX_set_alpn_protos(ctx, list);
  const { machine } = opensslInternals.get(openssl);
  allocated(machine.selectAlpn(ctx, list) || null, "the protocols");
}

function versionNumber(version: TlsVersion, name: string): number {
  if (!Object.hasOwn(VERSIONS, version)) {
    throw optionTypeError(
      name,
      `must be ${Object.keys(VERSIONS).map(received).join(", ")}, received ${
        received(version)
      }`,
    );
  }
  return VERSIONS[version];
}
