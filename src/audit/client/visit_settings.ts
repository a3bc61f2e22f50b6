import {
  SSL_OP_NO_EXTENDED_MASTER_SECRET,
  SSL_OP_NO_TICKET,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../libssl/constants.ts";
import type { SSL } from "../../libssl/handles.ts";
import type { TlsCertificateOptions } from "../../tls/context/context_options.ts";
import { toAlpnList } from "../../tls/context/alpn.ts";
import { parseHostName } from "../../tls/peer/host_name.ts";
import type { ResumptionKind } from "../finding.ts";
import { type ClientInstance, refused } from "./client_instance.ts";
import type { ClientSession } from "./session.ts";
import type { VisitOptions } from "./visit_types.ts";

/** What visits are like if their options don't say otherwise. */
export interface VisitDefaults {
  readonly name: string;
  readonly alpn: readonly string[];
  /** The client certificates, by the option `certificate`. */
  readonly credentials: {
    readonly first: TlsCertificateOptions | undefined;
    readonly second: TlsCertificateOptions | undefined;
    readonly none: undefined;
  };
}

/** Makes the `SSL` of a visit, which is not yet driven. */
export function connectionFor(
  instance: ClientInstance,
  options: VisitOptions,
  kind: ResumptionKind,
  defaults: VisitDefaults,
): SSL {
  const { groups, certificate = "first", version = versionOf(kind) } = options;
  const ssl = instance.newConnection({
    groups,
    credential: defaults.credentials[certificate],
    renegotiates: version === "TLSv1.2" && options.use !== undefined,
  });
  try {
    configure(instance, ssl, options, kind, defaults);
    return ssl;
  } catch (error) {
    instance.libssl.SSL_free(ssl);
    throw error;
  }
}

function configure(
  { libssl }: ClientInstance,
  ssl: SSL,
  options: VisitOptions,
  kind: ResumptionKind,
  defaults: VisitDefaults,
): void {
  const check = (result: number, what: string): void => {
    if (result !== 1) throw refused(libssl, what);
  };
  const { version = versionOf(kind), tickets = kind !== "tls1.2-id" } = options;
  const { ciphers, ciphersuites, session, alpn = defaults.alpn } = options;
  libssl.SSL_set_min_proto_version(
    ssl,
    version === "TLSv1.3" ? TLS1_3_VERSION : TLS1_2_VERSION,
  );
  libssl.SSL_set_max_proto_version(
    ssl,
    version === "TLSv1.2" ? TLS1_2_VERSION : TLS1_3_VERSION,
  );
  libssl.SSL_set_options(
    ssl,
    (options.options ?? 0n) | (tickets ? 0n : SSL_OP_NO_TICKET) |
      (options.extendedMasterSecret === false
        ? SSL_OP_NO_EXTENDED_MASTER_SECRET
        : 0n),
  );
  if (ciphers !== undefined) {
    check(libssl.SSL_set_cipher_list(ssl, ciphers), ciphers);
  }
  if (ciphersuites !== undefined) {
    check(libssl.SSL_set_ciphersuites(ssl, ciphersuites), ciphersuites);
  }
  if (alpn.length > 0) libssl.SSL_set_alpn_protos(ssl, toAlpnList(alpn));
  const { name = defaults.name } = options;
  if (name !== null && !isAddress(name)) {
    check(libssl.SSL_set_tlsext_host_name(ssl, name), `the name ${name}`);
  }
  if (session !== undefined) offer(libssl, ssl, session);
}

/** Sets the session that a connection offers. */
export function offer(
  libssl: ClientInstance["libssl"],
  ssl: SSL,
  session: ClientSession,
): void {
  const handle = libssl.d2i_SSL_SESSION(session.der);
  if (handle === null) throw refused(libssl, "the session");
  try {
    if (libssl.SSL_set_session(ssl, handle) !== 1) {
      throw refused(libssl, "the session");
    }
  } finally {
    libssl.SSL_SESSION_free(handle);
  }
}

/** The title of a visit: what sets it apart. */
export function titleOf(options: VisitOptions, kind: ResumptionKind): string {
  const { session, name, certificate, node, version = versionOf(kind) } =
    options;
  return [
    `${session ? "Resumption" : "Full handshake"} in ${
      version === "both" ? "TLS 1.2 or 1.3" : version.replace("v", " ")
    }${kind === "tls1.2-id" ? " by session id" : ""}`,
    name === null ? "without a name" : name && `with the name ${name}`,
    certificate === "none" ? "without a client certificate" : "",
    certificate === "second" ? "with the second client certificate" : "",
    node && `at ${node}`,
    options.earlyData ? "with early data" : "",
    options.alpn && `with the ALPN protocols ${options.alpn.join(", ")}`,
  ].filter(Boolean).join(", ");
}

function versionOf(kind: ResumptionKind): "TLSv1.2" | "TLSv1.3" {
  return kind === "tls1.3" ? "TLSv1.3" : "TLSv1.2";
}

/** Whether it is an IP address, which is no server name (RFC 6066, 3). */
function isAddress(name: string): boolean {
  try {
    return parseHostName(name).isAddress;
  } catch {
    return false;
  }
}
