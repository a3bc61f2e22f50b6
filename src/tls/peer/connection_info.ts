import type { SSL } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import { type PeerCertificate, peerCertificate } from "./peer_certificate.ts";

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

/** What `ssl` has negotiated. */
export function connectionInfo(
  libssl: Libssl,
  ssl: SSL,
  earlyData: EarlyDataStatus = "none",
): TlsConnectionInfo {
  const cipher = libssl.SSL_get_current_cipher(ssl);
  const alpn = libssl.SSL_get0_alpn_selected(ssl);
  return {
    protocol: libssl.SSL_get_version(ssl),
    cipher: cipher ? libssl.SSL_CIPHER_standard_name(cipher) : "",
    group: libssl.SSL_get0_group_name(ssl),
    alpnProtocol: alpn.length > 0 ? String.fromCharCode(...alpn) : null,
    serverName: libssl.SSL_get_servername(ssl),
    resumed: libssl.SSL_session_reused(ssl) === 1,
    earlyData,
    peerCertificate: peerCertificate(libssl, ssl),
  };
}
