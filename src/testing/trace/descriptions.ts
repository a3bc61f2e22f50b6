import type { Endpoint } from "../endpoint.ts";
import type { TraceSentEvent } from "./events.ts";
import type { TraceFlight } from "./flights.ts";
import type {
  TraceExtension,
  TraceMessage,
  TraceMessageName,
  TraceMessageOf,
} from "./messages.ts";
import type { TraceOutcome } from "./outcome.ts";
import type { TraceBytes } from "./redaction.ts";

/** The number of characters of a session id that are shown. */
const SHOWN_ID = 16;

/** The title of an event in a diagram. */
export function eventTitle(event: TraceSentEvent): string {
  switch (event.type) {
    case "handshake":
      return event.message.name === "Unknown"
        ? `message of type ${event.message.type}`
        : event.message.name;
    case "change_cipher_spec":
      return "ChangeCipherSpec";
    case "alert":
      return `${event.level === "fatal" ? "fatal " : ""}alert: ${event.name}`;
    case "application_data":
      return event.early ? "early data" : "application data";
  }
}

/** The details of an event, one fact per item. */
export function eventDetails(event: TraceSentEvent): string[] {
  if (event.type === "application_data") {
    return [`${event.length} bytes, encrypted`];
  }
  if (event.type !== "handshake") return [];
  const { message, altered } = event;
  return [
    ...factsOf(message),
    ...(message.malformed ? [MALFORMED] : []),
    ...(altered ? alteredFacts(message, altered) : []),
  ];
}

/** The arrival of an event; `null` if it was received as sent. */
export function arrivalText({ arrival, from }: TraceSentEvent): string | null {
  switch (arrival) {
    case "received":
      return null;
    case "missing":
      return "not received";
    case "altered":
      return "altered in transit";
    case "injected":
      return `not sent by this ${from}`;
  }
}

/** The heading of a flight: its time and its size. */
export function flightHeading({ at, records, bytes }: TraceFlight): string {
  const facts = [`${at} ms`];
  if (records > 0) facts.push(plural(records, "record"));
  for (const [status, count] of Object.entries(bytes)) {
    facts.push(`${count} bytes${status === "delivered" ? "" : ` ${status}`}`);
  }
  return facts.join(", ");
}

/** The outcome of an endpoint as a line. */
export function outcomeLine(
  side: Endpoint,
  { state, error, resumption }: TraceOutcome,
): string {
  const facts = [error === null ? state : `${state}: ${error}`];
  if (resumption?.resumed) facts.push(`resumed from ${resumption.from}`);
  if (resumption?.resumed === false) {
    facts.push(`not resumed: ${resumption.reason}`);
  }
  return `${side}: ${facts.join(", ")}`;
}

/** The negotiated parameters as a line. */
export function negotiatedLine(outcome: TraceOutcome | null): string | null {
  if (!outcome?.protocol) return null;
  const { protocol, cipher, group, alpnProtocol } = outcome;
  return [
    protocol,
    cipher,
    group,
    alpnProtocol === null ? null : `ALPN ${alpnProtocol}`,
  ].filter((fact) => fact !== null).join(", ");
}

const MALFORMED = "MALFORMED: only what could be read is shown";

type Facts<Name extends TraceMessageName> = (
  message: TraceMessageOf<Name>,
) => string[];

const FACTS: { readonly [Name in TraceMessageName]?: Facts<Name> } = {
  ClientHello: ({ versions, sessionId, cipherSuites, extensions }) => [
    versions.join(", "),
    ...(sessionId ? [sessionFact(sessionId)] : []),
    ...some(
      cipherSuites.length,
      `${plural(cipherSuites.length, "cipher suite")}`,
    ),
    ...extensionFacts(extensions),
  ],
  ServerHello: ({ version, cipherSuite, sessionId, extensions }) => [
    version,
    cipherSuite,
    // In TLS 1.3 it echoes the client's, which is random.
    ...(sessionId && version !== "TLSv1.3" ? [sessionFact(sessionId)] : []),
    ...extensionFacts(
      extensions.filter(({ name }) => name !== "supported_versions"),
    ),
  ],
  HelloRetryRequest: ({ cipherSuite, extensions }) => [
    cipherSuite,
    ...extensionFacts(extensions),
  ],
  EncryptedExtensions: ({ extensions }) =>
    extensionFacts(
      extensions.filter(({ name }) => name !== "supported_groups"),
    ),
  Certificate: ({ certificates }) =>
    certificates.length === 0 ? ["none"] : certificates.map((
      { commonName, length },
    ) => `${commonName === null ? "" : `CN=${commonName}, `}${length} bytes`),
  CertificateRequest: ({ authorities }) =>
    some(authorities, `trusts ${plural(authorities, "issuer")}`),
  CertificateVerify: ({ algorithm }) => algorithm === null ? [] : [algorithm],
  ServerKeyExchange: ({ group, algorithm }) =>
    [group, algorithm].filter((fact) => fact !== null),
  NewSessionTicket: ({ lifetime, ticket, extensions }) => [
    ticketFact("ticket", ticket),
    `lifetime ${lifetime} s`,
    ...extensionFacts(extensions),
  ],
  KeyUpdate: ({ requested }) =>
    requested ? ["requests an update of the peer"] : [],
};

function factsOf(message: TraceMessage): string[] {
  const facts = FACTS[message.name] as
    | ((message: TraceMessage) => string[])
    | undefined;
  return facts?.(message) ?? [];
}

/** The message that the peer read in place of an altered one. */
function alteredFacts(message: TraceMessage, read: TraceMessage): string[] {
  const sent = factsOf(message).join(", ");
  const facts = factsOf(read).join(", ");
  const isMalformed = read.malformed ? ", malformed" : "";
  return sent === facts && !isMalformed ? [] : [
    `read as ${read.name}${isMalformed}${facts ? `: ${facts}` : ""}`,
  ];
}

function extensionFacts(extensions: readonly TraceExtension[]): string[] {
  return extensions.flatMap((extension) => {
    const { name, malformed } = extension;
    if (malformed) return [`malformed ${name}`];
    const { serverName, protocols, shares, ticket, identities } = extension;
    if (serverName !== undefined) return [`SNI ${serverName}`];
    if (protocols) return [`ALPN ${protocols.join(", ")}`];
    if (shares) {
      return [`key share ${shares.map(({ group }) => group).join(", ")}`];
    }
    // An empty one requests a ticket.
    if (ticket) return some(ticket.length, ticketFact("offers ticket", ticket));
    if (identities) {
      return identities.map(({ identity }) =>
        ticketFact("offers PSK", identity)
      );
    }
    if (extension.selected !== undefined) {
      return [`selects PSK ${extension.selected}`];
    }
    if (Object.hasOwn(extension, "maxEarlyData")) {
      return [`early data up to ${extension.maxEarlyData} bytes`];
    }
    if (extension.cookie) return ["cookie"];
    return name === "early_data" ? ["early data"] : [];
  });
}

function sessionFact(id: string): string {
  return `session id ${
    id.length > SHOWN_ID ? `${id.slice(0, SHOWN_ID)}…` : id
  }`;
}

function ticketFact(what: string, { text, length }: TraceBytes): string {
  return `${what} ${text} (${length} bytes)`;
}

function some(count: number, fact: string): string[] {
  return count > 0 ? [fact] : [];
}

/** A number with its noun. */
function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
