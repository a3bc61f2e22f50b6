/**
 * What is audited: servers of Debian's, each in some configurations, as nodes on loopback.
 *
 * @module
 */
import type { ResumptionKind, StartTlsProtocol } from "@sesame/tls/audit";
import {
  type Daemon,
  FILES,
  type Place,
} from "../../support/servers/daemon.ts";

/** A name that is served, and the files that go with it in each node's folder. */
export interface Host {
  readonly name: string;
  /** The certificate with its chain. */
  readonly cert: string;
  readonly key: string;
  /** Both in one file. */
  readonly pair: string;
  /** Who signs the certificates of clients. */
  readonly ca: string;
}

/** The lists of what the authorities have revoked, that of clients' issuer first. */
export const CRL = "crl.pem";

/** The names, that of clients which ask for none first. */
export const HOSTS: readonly [Host, Host] = [
  {
    name: "one.example",
    cert: FILES.cert,
    key: FILES.key,
    pair: "pair.pem",
    ca: FILES.ca,
  },
  {
    name: "two.example",
    cert: "two-cert.pem",
    key: "two-key.pem",
    pair: "two-pair.pem",
    ca: "two-ca.pem",
  },
];

/** A server, and what of it is audited. */
export interface AuditedServer {
  /** What people call it: `"nginx"`. */
  readonly name: string;
  /** The programs that it takes, by their names or where Debian has them: one of them suffices. */
  readonly programs: readonly string[];
  /** The packages that have them. */
  readonly packages: readonly string[];
  /** The user who runs it where the tests run as root. By default `nobody`. */
  readonly user?: string;
  /** Prints its version. By default it is this repository's. */
  readonly version?: readonly [program: string, ...args: string[]];
  /** What is spoken before TLS, as `--starttls` has it. */
  readonly starttls?: StartTlsProtocol;
  readonly configurations: readonly Configuration[];
  /** What there is to say of all that is neither `pass` nor `not applicable`. */
  readonly findings: readonly Explained[];
  /** Starts a node; it is `ready` when its port accepts connections. */
  start(node: Node, configuration: Configuration): Promise<Daemon>;
}

/** A server as it is configured for an audit. */
export interface Configuration {
  /** `"stock"`: as Debian has it, or as its manual begins. */
  readonly name: string;
  /** What is set besides, in the server's words. */
  readonly directives: readonly string[];
  /** How many processes serve the names. By default two. */
  readonly nodes?: number;
  /** Whether it serves one name only. */
  readonly oneName?: boolean;
  /** Whether it asks for client certificates, and is audited with them. */
  readonly certificates?: boolean;
  /** Whether its nodes get other keys whenever certificates change. */
  readonly renewsKeys?: boolean;
  /** The probes that it is audited with. By default all. */
  readonly probes?: readonly string[];
  /** Whether it answers no requests. */
  readonly isSilent?: boolean;
  /** Whether it has no lists of revoked certificates, though it asks for them. */
  readonly noCrl?: boolean;
}

/** Why an audit finds something of a server, and what mends it. */
export interface Explained {
  /** The ids of the probes that find it. */
  readonly probes: readonly string[];
  /** The kinds of resumption. By default all. */
  readonly kinds?: readonly ResumptionKind[];
  /** The configurations that have it. By default all with such a finding. */
  readonly in?: readonly string[];
  /** Whether it depends on the moment: two audits may differ in it. */
  readonly varies?: boolean;
  readonly why: string;
  /** The directive that mends it, or what to do in its place. */
  readonly mend?: string;
  /** The configuration in which it is gone, if there is one. */
  readonly goneIn?: string;
}

/** A process that serves the names. */
export interface Node {
  /** Its folder, with {@linkcode CRL} and with the files of {@linkcode HOSTS}. */
  readonly place: Place;
  readonly port: number;
  /** A folder that all nodes of a configuration have. */
  readonly common: string;
  /** 80 random bytes that all nodes of a configuration know. */
  readonly secret: Uint8Array;
  /** Where an HTTP server without TLS is, for those that only forward. */
  readonly backend: number;
}

/** The version of an installed server: numbers with dots between them. */
export async function versionOf({ version }: AuditedServer): Promise<string> {
  const [program, ...args] = version ??
    [Deno.execPath(), "eval", "console.log('0.1.0')"];
  const { stdout, stderr } = await new Deno.Command(program, {
    args,
    stdin: "null",
  }).output();
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes))
    .join("\n");
  return /\d+(?:\.\d+)+/.exec(text)?.[0] ?? "unknown";
}
