import { Internals } from "../internal/internals.ts";
import type { CertificateReader } from "./certificate.ts";
import type { Machine } from "./machine.ts";
import type { MemoryLimit } from "./memory_limit.ts";
import type { Policy } from "./policy.ts";
import type { SessionAge } from "./session_age.ts";

/** What `src/tls` uses of an instance besides OpenSSL's own functions. */
export interface OpenSSLInternals {
  /** Reads certificates and keys for `node:tls`. */
  readonly certificates: CertificateReader;
  /** Drives connections. */
  readonly machine: Machine;
  /** Whether there is memory for another connection. */
  readonly memoryLimit: MemoryLimit;
  /** What the policies of contexts mean for connections. */
  readonly policy: Policy;
  /** How long sessions may be resumed. */
  readonly sessionAge: SessionAge;
}

/** The internals of each `OpenSSL`. */
export const opensslInternals = new Internals<OpenSSLInternals>("OpenSSL");
