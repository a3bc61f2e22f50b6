import {
  TLS1_1_VERSION,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
  TLS1_VERSION,
} from "../../libssl/constants.ts";
import type { Negotiated } from "../../libssl/machine_types.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { type PeerCertificate, readCertificate } from "./peer_certificate.ts";

/** Whether early data was sent, and whether the server accepted it. */
export type EarlyDataStatus = "none" | "accepted" | "rejected";

/** What a handshake negotiated. */
export interface TlsConnectionInfo {
  /** The version, such as `"TLSv1.3"`. */
  readonly protocol: string;
  /** The cipher suite by its IANA name, such as `"TLS_AES_256_GCM_SHA384"`. */
  readonly cipher: string;
  /** The key exchange group, such as `"X25519MLKEM768"`; `null` without one. */
  readonly group: string | null;
  /** The application protocol (ALPN), or `null`. */
  readonly alpnProtocol: string | null;
  /** The server name (SNI) that the client sent, or `null`; servers see it in lower case. */
  readonly serverName: string | null;
  /** Whether a session was resumed. */
  readonly resumed: boolean;
  /** Whether early data was sent, and whether the server accepted it. */
  readonly earlyData: EarlyDataStatus;
  /** The peer's certificate, or `null` if it sent none. */
  readonly peerCertificate: PeerCertificate | null;
}

/** What a handshake negotiated, and the addresses of its ends. */
export interface TlsPeersInfo extends TlsConnectionInfo {
  /** The peer's address, such as `"192.0.2.1:443"`; `null` if the transport has none. */
  readonly remoteAddress: string | null;
  /** The address at this end; `null` if the transport has none. */
  readonly localAddress: string | null;
}

const VERSIONS: ReadonlyMap<number, string> = new Map([
  [TLS1_VERSION, "TLSv1"],
  [TLS1_1_VERSION, "TLSv1.1"],
  [TLS1_2_VERSION, "TLSv1.2"],
  [TLS1_3_VERSION, "TLSv1.3"],
]);

/** By which `console.log` shows the value of a getter. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** The facts of a connection that the engine knows and OpenSSL doesn't. */
export interface EngineFacts {
  /** Whether early data was sent, and accepted. */
  readonly earlyData?: EarlyDataStatus | undefined;
  /** The server name, in place of OpenSSL's. */
  readonly serverName?: string | null;
}

/** What was negotiated. The peer's certificate is read when somebody asks for it. */
export function connectionInfo(
  { libssl }: OpenSSL,
  negotiated: Negotiated,
  { earlyData = "none", serverName = negotiated.serverName }: EngineFacts = {},
): TlsConnectionInfo {
  const { alpn, version, certificate } = negotiated;
  const info = {
    protocol: VERSIONS.get(version) ?? "unknown",
    cipher: negotiated.cipher,
    group: negotiated.group,
    alpnProtocol: alpn.length > 0 ? String.fromCharCode(...alpn) : null,
    serverName,
    resumed: negotiated.isReused,
    earlyData,
    peerCertificate: null,
  };
  if (certificate === undefined) return Object.freeze(info);
  let read: PeerCertificate | null | undefined;
  return Object.freeze(Object.defineProperties(info, {
    peerCertificate: {
      get: () => read ??= readCertificate(libssl, certificate),
    },
    [INSPECT]: { value: () => ({ ...info }), enumerable: false },
  }));
}
