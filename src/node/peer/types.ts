import type { Buffer } from "node:buffer";

/** The parts of a name: several of one kind are an array. */
export interface CertificateName {
  /** The value of a kind, such as `CN`. */
  [kind: string]: string | string[];
}

/** A certificate, as `getPeerCertificate` shows it. */
export interface PeerCertificate {
  /** The subject's name. */
  subject: CertificateName;
  /** The issuer's name. */
  issuer: CertificateName;
  /** The subject alternative names, such as `"DNS:localhost, IP Address:127.0.0.1"`. */
  subjectaltname?: string | undefined;
  /** Where the issuer offers information, such as `{"OCSP - URI": ["http://…"]}`. */
  infoAccess?: Record<string, string[]> | undefined;
  /** Whether it is that of an authority. */
  ca: boolean;
  /** The modulus of an RSA key, in hex. */
  modulus?: string | undefined;
  /** The size of the key in bits. */
  bits?: number | undefined;
  /** The exponent of an RSA key, such as `"0x10001"`. */
  exponent?: string | undefined;
  /** The public key. */
  pubkey?: Buffer | undefined;
  /** OpenSSL's name of the curve of an EC key. */
  asn1Curve?: string | undefined;
  /** NIST's name of the curve. */
  nistCurve?: string | undefined;
  /** The start of the validity, such as `"Sep  3 21:40:37 2022 GMT"`. */
  valid_from: string;
  /** The end of the validity. */
  valid_to: string;
  /** The SHA-1 digest, such as `"2A:7A:…"`. */
  fingerprint: string;
  /** The SHA-256 digest. */
  fingerprint256: string;
  /** The SHA-512 digest. */
  fingerprint512: string;
  /** The extended key usage, as object identifiers. */
  ext_key_usage?: string[] | undefined;
  /** The serial number, in hex. */
  serialNumber: string;
  /** The certificate in DER. */
  raw: Buffer;
}

/** A certificate with that of its issuer, as `getPeerCertificate(true)` shows it. */
export interface DetailedPeerCertificate extends PeerCertificate {
  /** The certificate of the issuer; that of a root is itself. */
  issuerCertificate?: DetailedPeerCertificate;
}
