import type { BIO, SSL } from "../../../libssl/handles.ts";
import type { Libssl } from "../../../libssl/libssl.ts";
import type { TlsTransport } from "../../../tls/socket/transport.ts";
import type { VisitOptions } from "../visit_types.ts";

/** A client's connection of OpenSSL's between two memory BIOs, before its first step. */
export interface PreparedClient extends Disposable {
  readonly libssl: Libssl;
  readonly ssl: SSL;
  /** What it reads from. */
  readonly fromServer: BIO;
  /** What it writes to. */
  readonly toServer: BIO;
}

/** What sending a hello needs. */
export interface HelloEnvironment {
  prepare(options: VisitOptions): PreparedClient;
  connect(node: string | undefined): Promise<TlsTransport>;
  /** How long an answer may take, in milliseconds. */
  readonly timeout: number;
  /** The time in milliseconds since 1970, by the audit's clock. */
  now(): number;
}
