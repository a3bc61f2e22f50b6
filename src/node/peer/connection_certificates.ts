import type { X509Certificate } from "node:crypto";
import type { SSL, X509 } from "../../libssl/handles.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { type Chain, chainOf } from "./chain.ts";
import {
  certificateChainObject,
  certificateObject,
} from "./certificate_object.ts";
import type { DetailedPeerCertificate } from "./types.ts";
import { x509Certificate } from "./x509.ts";

/** A connection whose own certificate is asked for. */
export interface Connection {
  /** Its instance of OpenSSL. */
  readonly openssl: OpenSSL;
  /** The connection. */
  readonly ssl: SSL;
}

/** A connection whose peer's certificates are asked for. */
export interface CertificateSource extends Connection {
  /** Trusted certificates in DER, which may have issued those of the peer. */
  readonly authorities: readonly Uint8Array[];
}

/** The certificate of the peer, with those of its issuers if `isDetailed`; `null` without one. */
export function peerCertificate(
  source: CertificateSource,
  isDetailed: boolean,
): DetailedPeerCertificate | null {
  const { openssl } = source;
  if (isDetailed) return certificateChainObject(openssl, peerChain(source));
  const leaf = peerLeaf(source);
  return leaf && certificateObject(openssl, leaf);
}

/** The certificate of the peer as `node:crypto` has it, with those of its issuers that it sent. */
export function peerX509(
  source: CertificateSource,
): X509Certificate | undefined {
  const leaf = peerLeaf(source);
  if (leaf === null) return undefined;
  const { openssl, ssl } = source;
  const sent = derOf(openssl, openssl.libssl.SSL_get_peer_cert_chain(ssl));
  return x509Certificate(chainOf(openssl, leaf, sent).certificates);
}

/** The certificate of this end; `null` without one. */
export function ownCertificate(
  connection: Connection,
): DetailedPeerCertificate | null {
  const leaf = ownLeaf(connection);
  return leaf && certificateObject(connection.openssl, leaf);
}

/** The certificate of this end as `node:crypto` has it. */
export function ownX509(connection: Connection): X509Certificate | undefined {
  const leaf = ownLeaf(connection);
  return leaf === null ? undefined : x509Certificate([leaf]);
}

/** Issuers are looked for in what the peer sent, what was verified, and what is trusted. */
function peerChain(source: CertificateSource): Chain {
  const { openssl, ssl, authorities } = source;
  const leaf = peerLeaf(source);
  if (leaf === null) return { certificates: [], isComplete: false };
  const { libssl } = openssl;
  const known = derOf(openssl, [
    ...libssl.SSL_get_peer_cert_chain(ssl),
    ...libssl.SSL_get0_verified_chain(ssl),
  ]);
  return chainOf(openssl, leaf, [...known, ...authorities]);
}

function peerLeaf(
  { openssl: { libssl }, ssl }: Connection,
): Uint8Array | null {
  const x = libssl.SSL_get0_peer_certificate(ssl);
  return x && libssl.i2d_X509(x);
}

function ownLeaf({ openssl: { libssl }, ssl }: Connection): Uint8Array | null {
  const x = libssl.SSL_get_certificate(ssl);
  return x && libssl.i2d_X509(x);
}

function derOf(
  { libssl }: OpenSSL,
  certificates: readonly X509[],
): Uint8Array[] {
  return certificates.flatMap((x) => libssl.i2d_X509(x) ?? []);
}
