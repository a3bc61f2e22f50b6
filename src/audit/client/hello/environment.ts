import type { BIO, SSL } from "../../../libssl/handles.ts";
import type { Libssl } from "../../../libssl/libssl.ts";
import type { Deadline } from "../deadline.ts";
import type { VisitOptions } from "../visit_types.ts";
import type { Wire } from "../wire.ts";

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
  /** Makes a client's connection of OpenSSL's. */
  prepare(options: VisitOptions): PreparedClient;
  /** The time that the answer may take, from now on. */
  deadline(what: string): Deadline;
  /** Connects to a node, by default the first. */
  open(node: string | undefined, deadline: Deadline): Promise<Wire>;
  /** The time in milliseconds since 1970, by the audit's clock. */
  now(): number;
}
