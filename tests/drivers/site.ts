/** The paths of PEM files. */
export interface Files {
  /** The authority of all certificates. */
  readonly ca: string;
  /** The client's certificate and its chain. */
  readonly cert: string;
  /** Its key. */
  readonly key: string;
}

/** The servers that a runtime's process is to visit. */
export interface Site {
  /** The ports of 127.0.0.1, by the servers' names. */
  readonly ports: Readonly<Record<string, number>>;
  /** The servers' log files, by their names. */
  readonly logs: Readonly<Record<string, string>>;
  /** The authority of all certificates, in PEM. */
  readonly ca: string;
  /** The client's certificate and its chain, in PEM. */
  readonly cert: string;
  /** Its key, in PEM. */
  readonly key: string;
  /** A server's certificate, for those in the runtime's process. */
  readonly server: { readonly cert: string; readonly key: string };
  /** The client's files. */
  readonly files: Files;
  /** The folder whose `node_modules` has the drivers. */
  readonly packages: string;
}

/** A version of TLS, as `minVersion` and `maxVersion` have it. */
export type Version = "TLSv1.2" | "TLSv1.3";

/** Options for `tls.connect`. */
export interface ClientOptions {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly minVersion: Version;
  readonly maxVersion: Version;
}

/** What a driver is tried with. */
export interface Visitor {
  /** Trust, a client's certificate, and the one version of TLS. */
  readonly tls: ClientOptions;
  /** What keeps sessions, for a driver that keeps none itself: to be spread beside `tls`. */
  readonly sessions: object;
  /** The certificate and key of a server in this process. */
  readonly server: {
    readonly cert: string;
    readonly key: string;
    readonly ca: string;
  };
  /** The same as files. */
  readonly files: Files;
  /** A server's port. */
  port(server: string): number;
  /** What a server has logged so far. */
  log(server: string): Promise<string>;
  /** Loads a package, as `require` does. */
  load<T>(name: string): T;
}

/** Connects, uses the connection and closes it. Resolves with whether it was resumed. */
export type Connect = () => Promise<boolean>;

/** A driver, and how to tell whether its connections were resumed. */
export interface Driver {
  /** What people call it: the name of its package. */
  readonly name: string;
  /** The servers that it visits, by the names of their ports. */
  readonly visits: readonly string[];
  /** Whether it is of this package, and makes nothing of a runtime's own TLS. */
  readonly isOurs?: boolean;
  /** Who says that a connection was resumed. */
  readonly witness: "server" | "client";
  /** Prepares what the connections share. */
  begin(visitor: Visitor): Connect;
}

/** A TLS socket, as far as the drivers show theirs. */
export interface Socket {
  isSessionReused(): boolean;
}

/** What became of a driver in a runtime: a line of JSON. */
export interface Result {
  /** The driver's name. */
  readonly driver: string;
  /** What went wrong, if anything did. */
  readonly error?: string;
  /** How long it took, in milliseconds. */
  readonly ms: number;
}
