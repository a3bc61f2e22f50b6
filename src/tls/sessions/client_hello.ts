import type { HelloFields } from "../../libssl/machine_types.ts";

const TLS1_3 = 0x0304;
const HOST_NAME = 0;

/** What a client hello asks for that concerns sessions. */
export interface ClientHello {
  /** What tells handshakes apart: a HelloRetryRequest is answered with the same. */
  readonly random: Uint8Array;
  /** The server name, or `null`. */
  readonly serverName: string | null;
  /** Whether it offers TLS 1.3. */
  readonly offersTls13: boolean;
  /** The session id of TLS 1.2; random, and no session's, if the peers agree on 1.3. */
  readonly legacySessionId: Uint8Array;
  /** Its stateless ticket of TLS 1.2 (RFC 5077), empty without. */
  readonly ticket: Uint8Array;
  /** The identities of its pre-shared keys (RFC 8446, 4.2.11). */
  readonly pskIdentities: readonly Uint8Array[];
}

/** Reads a hello. What can't be parsed counts as absent. */
export function readClientHello(fields: HelloFields): ClientHello {
  return {
    random: fields.random,
    serverName: serverName(fields.serverName),
    offersTls13: supportsTls13(fields.supportedVersions),
    legacySessionId: fields.sessionId,
    ticket: fields.ticket,
    pskIdentities: pskIdentities(fields.preSharedKey),
  };
}

/** RFC 6066, section 3: a list of names, of which the first host name counts. */
function serverName(body: Uint8Array): string | null {
  if (body[2] !== HOST_NAME) return null;
  const name = body.subarray(5, 5 + uint16(body, 3));
  return name.length > 0 ? String.fromCharCode(...name).toLowerCase() : null;
}

/** RFC 8446, section 4.2.1. */
function supportsTls13(body: Uint8Array): boolean {
  for (let at = 1; at + 1 < body.length; at += 2) {
    if (uint16(body, at) === TLS1_3) return true;
  }
  return false;
}

/** RFC 8446, section 4.2.11: identities with the age of their tickets, then binders. */
function pskIdentities(body: Uint8Array): Uint8Array[] {
  const identities: Uint8Array[] = [];
  const end = Math.min(2 + uint16(body, 0), body.length);
  for (let at = 2; at + 2 <= end;) {
    const length = uint16(body, at);
    if (at + 2 + length + 4 > end) break;
    identities.push(body.subarray(at + 2, at + 2 + length));
    at += 2 + length + 4;
  }
  return identities;
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
