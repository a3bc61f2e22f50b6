import type { TlsContextOptions } from "../../tls/context/context.ts";
import type { TlsVersion } from "../../tls/context/context_options.ts";
import type { FaultCondition, PlannedFault } from "../faulty/plan.ts";
import type { CertificateUsage } from "../../pki/extensions.ts";
import type { KeyType } from "../../pki/keys.ts";

/** The name of a certificate in the scenario's `TestPki`. */
export type ScenarioCertificateName =
  | "server"
  | "client"
  | "expired"
  | "notYetValid"
  | "wrongHost"
  | "wrongUsage"
  | "untrusted"
  | "selfSigned"
  | "notCa"
  | "unknownRevocation";

/** The issuer of a certificate. */
export type ScenarioIssuer = "intermediate" | "ca" | "otherCa" | "self";

/** The contents of a certificate that the scenario's `TestPki` issues. */
export interface ScenarioCertificateOptions {
  /** The host names and IP addresses. By default `localhost` for a server, else none. */
  readonly hosts?: readonly string[] | undefined;
  /** The common name of the subject. By default the first host, or else the usage. */
  readonly commonName?: string | undefined;
  /** The extended key usage. By default `"server"`. */
  readonly usage?: CertificateUsage | undefined;
  /** The type of the key. By default `"P-256"`. */
  readonly keyType?: KeyType | undefined;
  /** The issuer. By default `"intermediate"`. */
  readonly issuer?: ScenarioIssuer | undefined;
  /** The start of its validity in seconds since the start of the scenario. By default a day before it. */
  readonly validFrom?: number | undefined;
  /** The end of its validity in seconds since the start of the scenario. By default 90 days after it. */
  readonly validUntil?: number | undefined;
}

/** Options of clients and servers. Those of a `TlsContext` have their meaning there. */
export interface ScenarioPeer {
  /** The certificate. By default `"server"` for a server, and none for a client. */
  readonly certificate?: ScenarioCertificate | undefined;
  /** The trusted roots. By default `["ca"]`. */
  readonly trust?: readonly ("ca" | "otherCa")[] | undefined;
  /** The ALPN protocols in order of preference. */
  readonly alpnProtocols?: readonly string[] | undefined;
  /** The lowest protocol version. */
  readonly minVersion?: TlsVersion | undefined;
  /** The highest protocol version. */
  readonly maxVersion?: TlsVersion | undefined;
  /** Commands of SSL_CONF_cmd(3) with their values. */
  readonly configure?: NonNullable<TlsContextOptions["configure"]> | undefined;
  /** The lifetime of sessions in seconds. */
  readonly sessionTimeout?: number | undefined;
  /** The time in seconds after which a session no longer stands for a handshake with certificates. */
  readonly maxSessionAge?: number | undefined;
}

/** The name of a certificate in the PKI, or the contents of one to issue. */
export type ScenarioCertificate =
  | ScenarioCertificateName
  | ScenarioCertificateOptions;

/** A client. */
export interface ScenarioClient extends ScenarioPeer {
  /** The host name or IP address to ask for and verify. By default `"localhost"`. */
  readonly hostname?: string | undefined;
}

/** A host of a server. Options of a `TlsContext` have their meaning there. */
export interface ScenarioHost extends
  ScenarioPeer,
  Readonly<
    {
      [
        Name in
          | "clientAuth"
          | "commit"
          | "lookupTimeout"
          | "maxEarlyData"
          | "maxLookupsPerHello"
          | "sessionIdContext"
          | "singleUse"
          | "tickets"
          | "uncleanClose"
          | "writeTimeout"
      ]?: TlsContextOptions[Name] | undefined;
    }
  > {
  /**
   * The session store: `"memory"` is one store in memory that all hosts of the scenario share,
   * `"own"` a store of this host. By default `"none"`.
   */
  readonly store?: "memory" | "own" | "none" | undefined;
  /**
   * The faults of its store, which it must have. It is a mismatch if a fault without a
   * `probability` never happens.
   */
  readonly faults?: readonly ScenarioFault[] | undefined;
  /** The keys of stateless tickets: names, each of which stands for one key in the scenario. */
  readonly ticketKeys?: readonly string[] | undefined;
  /** The keys of session ids: names, each of which stands for one key in the scenario. */
  readonly sessionIdKey?: readonly string[] | undefined;
  /** The tag of all its sessions. */
  readonly tag?: string | undefined;
}

/** A server. */
export interface ScenarioServer extends ScenarioHost {
  /**
   * Further hosts by server name, `""` for clients that send none. Each has a certificate for
   * its name by default. `"refuse"` ends the handshake. The server itself serves all other
   * names.
   */
  readonly hosts?:
    | Readonly<Record<string, ScenarioHost | "refuse">>
    | undefined;
}

/** A {@linkcode PlannedFault} of plain data. */
export interface ScenarioFault {
  /** The methods of the store that it applies to. */
  readonly on: PlannedFault["on"];
  /** The condition for calls that it applies to. By default it applies to all. */
  readonly when?: Pick<FaultCondition, "calls" | "probability"> | undefined;
  /** The fault. */
  readonly fault: ScenarioStoreFault;
}

/** A `StoreFault` of plain data. */
export interface ScenarioStoreFault {
  /** The kind of fault. */
  readonly kind: PlannedFault["fault"]["kind"];
  /** `"latency"`: the delay in milliseconds. */
  readonly ms?: number | undefined;
  /** `"error"`: whether the call takes effect nevertheless. */
  readonly takesEffect?: boolean | undefined;
  /** `"corrupt"`: the index of the byte. */
  readonly at?: number | undefined;
  /** `"corrupt"`: the value that it is XORed with. */
  readonly xor?: number | undefined;
}
