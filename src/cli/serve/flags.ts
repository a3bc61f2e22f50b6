import type { TlsVersion } from "../../../mod.ts";
import type { CredentialFlags } from "../credentials.ts";
import type { HostAndPort } from "../host_and_port.ts";

/** The options of `serve`, as commander parses them. Times are in milliseconds unless told. */
export interface ServeFlags extends CredentialFlags {
  readonly http?: true;
  readonly echo?: true;
  readonly forward?: HostAndPort;
  readonly connectTimeout: number;

  readonly host: string;
  readonly port: number;
  readonly workers: number;
  readonly maxConnections?: number;
  readonly handshakeTimeout: number;
  readonly idleTimeout: number;
  readonly drainTimeout: number;

  readonly hostname?: string[];
  readonly writeCert?: string;
  readonly clientAuth: "none" | "request" | "require";
  readonly postHandshakeAuth?: true;
  readonly ca?: string[];
  readonly caNames: boolean;
  readonly maxCertList?: number;

  readonly alpn?: string[];
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  readonly dhparam: "auto" | "none";
  readonly config?: [string, string][];

  readonly store: string;
  readonly encryptKeyFile?: string;
  readonly tickets: "stateful" | "stateless" | "off";
  readonly numTickets?: number;
  /** In seconds. */
  readonly sessionTimeout: number;
  /** In seconds. */
  readonly maxSessionAge: number;
  readonly singleUse?: true;
  /** In bytes. */
  readonly maxEarlyData: number;
  readonly sessionIdKeyFile?: string;
  readonly tag?: "sni" | "subject" | "address";
  readonly commit: "before-flight" | "background";
  readonly lookupTimeout: number;
  readonly writeTimeout: number;

  readonly log?: true;
  readonly quiet?: true;
  readonly metrics?: HostAndPort;
  readonly keylog?: string;
}
