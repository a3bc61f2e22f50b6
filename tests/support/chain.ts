/**
 * A chain of certificates: a root signs an intermediate, which signs a leaf.
 *
 * @module
 */
import type { EVP_PKEY, Libssl, X509 } from "../../src/libssl/mod.ts";
import { made } from "./pair.ts";
import type { Peers } from "./peers.ts";

const DAY_MS = 86_400_000;
const NID_SUBJECT_ALT_NAME = 85;
const NID_BASIC_CONSTRAINTS = 87;

/** A certificate and its key. */
export interface Issued {
  /** The certificate. */
  readonly cert: X509;
  /** Its key. */
  readonly key: EVP_PKEY;
}

/** A root, an intermediate and a leaf for a host, valid for a day. */
export function makeChain(
  peers: Peers,
  host = "leaf.example",
): { root: Issued; intermediate: Issued; leaf: Issued } {
  const root = issue(peers, "root", "critical,CA:TRUE");
  const intermediate = issue(peers, "intermediate", "critical,CA:TRUE", root);
  const leaf = issue(peers, host, `DNS:${host}`, intermediate);
  return { root, intermediate, leaf };
}

function issue(
  peers: Peers,
  name: string,
  extension: string,
  issuer?: Issued,
): Issued {
  const { libssl, nowMs } = peers;
  const cert = made(libssl.X509_new());
  peers.defer(() => libssl.X509_free(cert));
  const key = made(libssl.EVP_EC_gen("P-256"));
  peers.defer(() => libssl.EVP_PKEY_free(key));

  libssl.X509_set_version(cert, 2);
  libssl.X509_set_serialNumber(cert, BigInt(name.length));
  libssl.X509_set_notBefore(cert, new Date(nowMs - DAY_MS));
  libssl.X509_set_notAfter(cert, new Date(nowMs + DAY_MS));
  libssl.X509_add_subject_entry(cert, "CN", name);
  libssl.X509_set_pubkey(cert, key);
  libssl.X509_set_issuer(cert, issuer?.cert ?? cert);
  addExtension(libssl, cert, issuer?.cert ?? cert, extension);
  libssl.X509_sign(cert, issuer?.key ?? key, "SHA256");
  return { cert, key };
}

function addExtension(
  libssl: Libssl,
  cert: X509,
  issuer: X509,
  value: string,
): void {
  const nid = value.startsWith("DNS:")
    ? NID_SUBJECT_ALT_NAME
    : NID_BASIC_CONSTRAINTS;
  if (libssl.X509_add_extension(cert, issuer, nid, value) !== 1) {
    throw new Error(`Cannot add the extension ${value}`);
  }
}
