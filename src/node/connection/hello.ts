import type { SSL } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type { ClientHello } from "../../libssl/machine_types.ts";

const EXTENSION_ALPN = 16;
/** The length field before the list of that extension. */
const LENGTH_BYTES = 2;
/** How long the ids of sessions of TLS 1.3 are that aren't tickets themselves. */
const ID_BYTES = 32;
/** How many identities of a hello are looked up. */
const MAX_IDS = 2;

/** The fields of a client's hello that are needed while the handshake is suspended. */
export interface HelloFacts {
  /** The ids of the sessions that it proposes, and that can be looked up. */
  readonly sessionIds: readonly Uint8Array[];
  /** The server name that it asks for. */
  readonly servername: string | null;
  /** The protocols that it offers, a character for each byte. */
  readonly protocols: readonly string[];
}

/** Reads a hello, in its callback. */
export function readHello(
  libssl: Libssl,
  ssl: SSL,
  hello: ClientHello,
): HelloFacts {
  const alpn = libssl.SSL_client_hello_get0_ext(ssl, EXTENSION_ALPN);
  return {
    sessionIds: sessionIdsOf(hello),
    servername: hello.hostName,
    protocols: namesIn(alpn?.subarray(LENGTH_BYTES) ?? new Uint8Array()),
  };
}

/** Whether a connection will be of TLS 1.3. */
export function isTls13(hello: ClientHello): boolean {
  return hello.offersTls13 && hello.allowsTls13;
}

/** With a ticket there is nothing to look up. */
function sessionIdsOf(hello: ClientHello): Uint8Array[] {
  if (isTls13(hello)) {
    return hello.identities().filter((id) => id.length === ID_BYTES)
      .slice(0, MAX_IDS);
  }
  return hello.hasSessionId && !hello.hasTicket ? [hello.sessionId()] : [];
}

/** The names in a list of protocols (RFC 7301, section 3.1): each after a byte of its length. */
export function namesIn(list: Uint8Array): string[] {
  const names: string[] = [];
  for (let at = 0; at < list.length;) {
    const end = at + 1 + (list[at] ?? 0);
    names.push(String.fromCharCode(...list.subarray(at + 1, end)));
    at = end;
  }
  return names;
}
