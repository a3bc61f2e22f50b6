import type { TlsContextOptions } from "../../tls/context/context.ts";
import type { TlsVersion } from "../../tls/context/context_options.ts";
import type { FaultCondition, PlannedFault } from "../faulty/plan.ts";
import type { CertificateUsage } from "../../pki/extensions.ts";
import type { KeyType } from "../../pki/keys.ts";

/** A certificate of the scenario's `TestPki`, by its name there. */
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

/** Who may have signed a certificate. */
export type ScenarioIssuer = "intermediate" | "ca" | "otherCa" | "self";

/** What a certificate says that the scenario's `TestPki` issues. */
export interface ScenarioCertificateOptions {
  /** Its host names and IP addresses. By default `localhost` for a server, else none. */
  readonly hosts?: readonly string[] | undefined;
  /** The common name of its subject. By default the first host, or else its usage. */
  readonly commonName?: string | undefined;
  /** What it may be used as. By default `"server"`. */
  readonly usage?: CertificateUsage | undefined;
  /** The sort of its key. By default `"P-256"`. */
  readonly keyType?: KeyType | undefined;
  /** Who signs it. By default `"intermediate"`. */
  readonly issuer?: ScenarioIssuer | undefined;
  /** From when it is valid, in seconds since the start. By default a day before it. */
  readonly validFrom?: number | undefined;
  /** Until when, in seconds since the start. By default 90 days after it. */
  readonly validUntil?: number | undefined;
}

/** What a client and a server can have. Options of a `TlsContext` are as they are there. */
export interface ScenarioPeer {
  /** Its certificate. By default `"server"`, and for a client none. */
  readonly certificate?: ScenarioCertificate | undefined;
  /** The roots that it trusts. By default `["ca"]`. */
  readonly trust?: readonly ("ca" | "otherCa")[] | undefined;
  /** The application protocols, the preferred one first. */
  readonly alpnProtocols?: readonly string[] | undefined;
  /** The lowest version. */
  readonly minVersion?: TlsVersion | undefined;
  /** The highest version. */
  readonly maxVersion?: TlsVersion | undefined;
  /** Commands of OpenSSL's configuration language. */
  readonly configure?: NonNullable<TlsContextOptions["configure"]> | undefined;
  /** The lifetime of its sessions, in seconds. */
  readonly sessionTimeout?: number | undefined;
  /** For how many seconds they stand for one proof of who the other end is. */
  readonly maxSessionAge?: number | undefined;
}

/** A certificate by its name in the PKI, or as it is to be issued. */
export type ScenarioCertificate =
  | ScenarioCertificateName
  | ScenarioCertificateOptions;

/** A client. */
export interface ScenarioClient extends ScenarioPeer {
  /** The host name or IP address that it asks for and verifies. */
  readonly hostname?: string | undefined;
}

/** One of the hosts of a server. Options of a `TlsContext` are as they are there. */
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
   * Where its sessions live: `"memory"` is the one store in memory that all have who name it,
   * `"own"` one of the server's own. By default `"none"`.
   */
  readonly store?: "memory" | "own" | "none" | undefined;
  /**
   * What goes wrong between the server and its store, which it must have. A scenario isn't as
   * expected if one without a `probability` never happens.
   */
  readonly faults?: readonly ScenarioFault[] | undefined;
  /** The keys of stateless tickets, by names that the scenario gives them. */
  readonly ticketKeys?: readonly string[] | undefined;
  /** The keys of session ids, by names that the scenario gives them. */
  readonly sessionIdKey?: readonly string[] | undefined;
  /** The tag of all its sessions. */
  readonly tag?: string | undefined;
}

/** A server. */
export interface ScenarioServer extends ScenarioHost {
  /**
   * Further hosts, by the name that clients ask for, `""` for those who name none; by default
   * with a certificate for that name. `"refuse"` ends the handshake. Other names are served
   * by the server itself.
   */
  readonly hosts?:
    | Readonly<Record<string, ScenarioHost | "refuse">>
    | undefined;
}

/** A {@linkcode PlannedFault} of plain data. */
export interface ScenarioFault {
  /** The methods of the store that have it. */
  readonly on: PlannedFault["on"];
  /** Which of their calls have it. By default all. */
  readonly when?: Pick<FaultCondition, "calls" | "probability"> | undefined;
  /** What goes wrong. What takes time takes longer than a server waits. */
  readonly fault: ScenarioStoreFault;
}

/** A `StoreFault` of plain data. */
export interface ScenarioStoreFault {
  /** Which one. */
  readonly kind: PlannedFault["fault"]["kind"];
  /** `"latency"`: how long, in milliseconds. */
  readonly ms?: number | undefined;
  /** `"error"`: whether the store does what it was asked all the same. */
  readonly takesEffect?: boolean | undefined;
  /** `"corrupt"`: which byte. */
  readonly at?: number | undefined;
  /** `"corrupt"`: what changes it. */
  readonly xor?: number | undefined;
}
