import { KEY_SHARE, PADDING, SESSION_TICKET } from "../client/hello/codes.ts";
import type { Hello } from "../client/hello_types.ts";
import type { ResumptionKind } from "../finding.ts";

/** The number of bytes of an extension besides its content. */
const EXTENSION_HEADER_BYTES = 4;

/** What names the session in a hello: the session id, the ticket, or the first PSK identity. */
export function identityIn(hello: Hello, kind: ResumptionKind): Uint8Array {
  if (kind === "tls1.2-id") return hello.sessionId;
  if (kind === "tls1.3") return hello.identities[0]?.identity ?? NOTHING;
  return extensionIn(hello, SESSION_TICKET)?.data ?? NOTHING;
}

/** Has a hello name its session otherwise. The binder stays that of the session's key. */
export function setIdentity(
  hello: Hello,
  kind: ResumptionKind,
  identity: Uint8Array,
): void {
  if (kind === "tls1.2-id") hello.sessionId = identity;
  else if (kind === "tls1.3") {
    hello.identities = hello.identities.map((one) => ({ ...one, identity }));
  } else setExtension(hello, SESSION_TICKET, identity);
}

/** Takes the key shares out of a hello, so that a server of TLS 1.3 has to ask for one. */
export function withoutKeyShares(hello: Hello): void {
  setExtension(hello, KEY_SHARE, new Uint8Array(2));
}

/** Adds an extension, or changes the one that is there. */
export function setExtension(
  hello: Hello,
  type: number,
  data: Uint8Array,
): void {
  const there = extensionIn(hello, type);
  if (there) there.data = data;
  else hello.extensions.push({ type, data });
}

/** Takes extensions out of a hello. */
export function removeExtensions(hello: Hello, ...types: number[]): void {
  hello.extensions = hello.extensions.filter(({ type }) =>
    !types.includes(type)
  );
}

/** Adds zeros (RFC 7685): `count` bytes in all, the extension's header included. */
export function pad(hello: Hello, count: number): void {
  const bytes = Math.max(count - EXTENSION_HEADER_BYTES, 0);
  setExtension(hello, PADDING, new Uint8Array(bytes));
}

function extensionIn(
  hello: Hello,
  type: number,
): { data: Uint8Array } | undefined {
  return hello.extensions.find((extension) => extension.type === type);
}

const NOTHING = new Uint8Array();
