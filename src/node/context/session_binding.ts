import { toHex } from "../../internal/bytes.ts";
import { TlsError } from "../../internal/tls_error.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import type { ContextPolicy } from "./native_context.ts";
import { inputBytes } from "./pem.ts";

const LABEL = new TextEncoder().encode("sesame node:tls sessions 1");

/** By what a context verifies its peers, for comparison: resuming a session doesn't repeat it. */
export interface Trust {
  readonly authorities: readonly string[];
  readonly crls: readonly string[];
  readonly allowsPartialChains: boolean;
  /** Names the default certificates, if they are trusted. */
  readonly defaults: string | false;
}

/** By what a context verifies. */
export function trustOf(openssl: OpenSSL, policy: ContextPolicy): Trust {
  const hash = (bytes: Uint8Array): string => toHex(digest(openssl, bytes));
  return {
    authorities: [...new Set(policy.authorities.map(hash))].sort(),
    crls: policy.crls.map((crl) => hash(inputBytes(crl))).sort(),
    allowsPartialChains: policy.allowsPartialChains,
    defaults: policy.defaults !== null && nameOf(policy.defaults),
  };
}

/** The digest of facts that sessions are bound to. */
export function bindingDigest(openssl: OpenSSL, facts: unknown): Uint8Array {
  return digest(openssl, new TextEncoder().encode(JSON.stringify(facts)));
}

/** A digest of 32 bytes, which no one else computes. */
export function digest({ libssl }: OpenSSL, bytes: Uint8Array): Uint8Array {
  const digest = libssl.HMAC("SHA256", LABEL, bytes);
  if (digest !== null) return digest;
  throw new TlsError(
    "out-of-memory",
    "Cannot compute what sessions are bound to",
  );
}

let nonce: string | undefined;

/** What no other process has. */
export function ownNonce(): string {
  return nonce ??= crypto.randomUUID();
}

/** The default certificates are the runtime's, or what this process has set: no one else's. */
function nameOf(generation: number): string {
  return generation === 0 ? "runtime" : `${ownNonce()} ${generation}`;
}
