import type { TraceBytes } from "./redaction.ts";

/** What every decoded handshake message has. */
export interface TraceMessageBase {
  /** The message's number (RFC 8446, section 4). */
  readonly type: number;
  /** How long its body is, in bytes. */
  readonly length: number;
  /** Whether it isn't what its type should be: then it has what could be read. */
  readonly malformed: boolean;
}

/** An extension: its number and name, and what is known about its content. */
export interface TraceExtension {
  /** Its number. */
  readonly type: number;
  /** Its name, such as `"server_name"`; its number where it has none. */
  readonly name: string;
  /** How long its content is, in bytes. */
  readonly length: number;
  /** Whether its content isn't what it should be. */
  readonly malformed: boolean;
  /** `server_name`: the host that a client asks for. */
  readonly serverName?: string;
  /** `application_layer_protocol_negotiation`: offered, or the one selected. */
  readonly protocols?: readonly string[];
  /** `supported_versions`: offered, or the one selected. */
  readonly versions?: readonly string[];
  /** `supported_groups`: the groups of key exchanges. */
  readonly groups?: readonly string[];
  /** `key_share`: the groups, each with a key; in a HelloRetryRequest one without. */
  readonly shares?: readonly TraceKeyShare[];
  /** `signature_algorithms`, `signature_algorithms_cert`. */
  readonly algorithms?: readonly string[];
  /** `psk_key_exchange_modes`. */
  readonly modes?: readonly string[];
  /** `pre_shared_key`: what a client proposes to resume. */
  readonly identities?: readonly TracePskIdentity[];
  /** `pre_shared_key`: the lengths of the proofs that a client has the keys. */
  readonly binders?: readonly number[];
  /** `pre_shared_key`: which identity a server took, from 0. */
  readonly selected?: number;
  /** `early_data` in a NewSessionTicket: how many bytes are allowed. */
  readonly maxEarlyData?: number;
  /** `session_ticket`: the ticket that a client proposes; of no bytes, it asks for one. */
  readonly ticket?: TraceBytes;
  /** `certificate_authorities`: how many issuers are named. */
  readonly authorities?: number;
  /** `cookie`. */
  readonly cookie?: TraceBytes;
}

/** A key of a key exchange. */
export interface TraceKeyShare {
  /** The group, such as `"x25519"`. */
  readonly group: string;
  /** The public key. */
  readonly key: TraceBytes;
}

/** A session of TLS 1.3, or an external key, that a client proposes. */
export interface TracePskIdentity {
  /** Its ticket, or its name. */
  readonly identity: TraceBytes;
  /** Its age in milliseconds plus the `ageAdd` of its ticket, modulo 2^32. */
  readonly obfuscatedAge: number;
}

/** What a client offers. */
export interface TraceClientHello extends TraceMessageBase {
  /** Which message it is. */
  readonly name: "ClientHello";
  /** The versions that it offers. */
  readonly versions: readonly string[];
  /** The client's random. */
  readonly random: TraceBytes;
  /** The session id in hexadecimal; made up where TLS 1.3 hides from middleboxes. */
  readonly sessionId: string;
  /** The cipher suites, the preferred one first. */
  readonly cipherSuites: readonly string[];
  /** The compression methods: 0 is none. */
  readonly compressionMethods: readonly number[];
  /** The extensions, in their order. */
  readonly extensions: readonly TraceExtension[];
}

/** What a server selects, or what it asks the client to offer next time. */
export interface TraceServerHello extends TraceMessageBase {
  /** Which message it is: a HelloRetryRequest is a ServerHello with a certain random. */
  readonly name: "ServerHello" | "HelloRetryRequest";
  /** The version that it selects. */
  readonly version: string;
  /** The server's random. */
  readonly random: TraceBytes;
  /** The session id in hexadecimal: in TLS 1.3 the client's. */
  readonly sessionId: string;
  /** The cipher suite. */
  readonly cipherSuite: string;
  /** The compression method: 0 is none. */
  readonly compressionMethod: number;
  /** The extensions, in their order. */
  readonly extensions: readonly TraceExtension[];
}

/** The rest of what a TLS 1.3 server selects. */
export interface TraceEncryptedExtensions extends TraceMessageBase {
  /** Which message it is. */
  readonly name: "EncryptedExtensions";
  /** The extensions, in their order. */
  readonly extensions: readonly TraceExtension[];
}

/** Certificates, the leaf first; none, if a client has none to show. */
export interface TraceCertificate extends TraceMessageBase {
  /** Which message it is. */
  readonly name: "Certificate";
  /** The certificates. */
  readonly certificates: readonly {
    /** How long it is in DER, in bytes. */
    readonly length: number;
    /** The common name of its subject; `null` if it has none. */
    readonly commonName: string | null;
    /** Its extensions of the message (TLS 1.3). */
    readonly extensions: readonly TraceExtension[];
  }[];
}

/** A server's request for the client's certificate. */
export interface TraceCertificateRequest extends TraceMessageBase {
  /** Which message it is. */
  readonly name: "CertificateRequest";
  /** The signature algorithms that it takes. */
  readonly algorithms: readonly string[];
  /** How many authorities it names. */
  readonly authorities: number;
  /** The extensions (TLS 1.3). */
  readonly extensions: readonly TraceExtension[];
}

/** The proof that a peer has its certificate's key. */
export interface TraceCertificateVerify extends TraceMessageBase {
  /** Which message it is. */
  readonly name: "CertificateVerify";
  /** The signature algorithm; `null` before TLS 1.2. */
  readonly algorithm: string | null;
  /** The signature. */
  readonly signature: TraceBytes;
}

/** A server's key of the key exchange, before TLS 1.3. */
export interface TraceServerKeyExchange extends TraceMessageBase {
  /** Which message it is. */
  readonly name: "ServerKeyExchange";
  /** The group; `null` where it has no number. */
  readonly group: string | null;
  /** The public key, or `null`. */
  readonly key: TraceBytes | null;
  /** The signature algorithm, or `null`. */
  readonly algorithm: string | null;
}

/** A client's key of the key exchange, before TLS 1.3. */
export interface TraceClientKeyExchange extends TraceMessageBase {
  /** Which message it is. */
  readonly name: "ClientKeyExchange";
  /** The public key, or an encrypted secret. */
  readonly key: TraceBytes;
}

/** A ticket for a session. */
export interface TraceNewSessionTicket extends TraceMessageBase {
  /** Which message it is. */
  readonly name: "NewSessionTicket";
  /** How long the session lives, in seconds. */
  readonly lifetime: number;
  /** What the client adds to the session's age (TLS 1.3). */
  readonly ageAdd: number | null;
  /** What tells the tickets of a connection apart (TLS 1.3), in hexadecimal. */
  readonly nonce: string | null;
  /** The ticket. */
  readonly ticket: TraceBytes;
  /** The extensions (TLS 1.3). */
  readonly extensions: readonly TraceExtension[];
}

/** The proof that the handshake's messages are what both sides saw. */
export interface TraceFinished extends TraceMessageBase {
  /** Which message it is. */
  readonly name: "Finished";
  /** The proof. */
  readonly verifyData: TraceBytes;
}

/** A change of keys (TLS 1.3). */
export interface TraceKeyUpdate extends TraceMessageBase {
  /** Which message it is. */
  readonly name: "KeyUpdate";
  /** Whether the peer is to change its own, too. */
  readonly requested: boolean;
}

/** What a certificate's issuer says about it. */
export interface TraceCertificateStatus extends TraceMessageBase {
  /** Which message it is. */
  readonly name: "CertificateStatus";
  /** How long the issuer's answer is, in bytes. */
  readonly responseLength: number;
}

/** A message that says all by being there. */
export interface TraceEmptyMessage extends TraceMessageBase {
  /** Which message it is. */
  readonly name: "HelloRequest" | "ServerHelloDone" | "EndOfEarlyData";
}

/** A message of a type that isn't known. */
export interface TraceUnknownMessage extends TraceMessageBase {
  /** That it isn't known. */
  readonly name: "Unknown";
}

/** A decoded handshake message. */
export type TraceMessage =
  | TraceClientHello
  | TraceServerHello
  | TraceEncryptedExtensions
  | TraceCertificate
  | TraceCertificateRequest
  | TraceCertificateVerify
  | TraceServerKeyExchange
  | TraceClientKeyExchange
  | TraceNewSessionTicket
  | TraceFinished
  | TraceKeyUpdate
  | TraceCertificateStatus
  | TraceEmptyMessage
  | TraceUnknownMessage;

/** The name of a handshake message, as in the RFCs. */
export type TraceMessageName = TraceMessage["name"];

/** The decoded message of a name. */
export type TraceMessageOf<Name extends TraceMessageName> = TraceMessage extends
  infer Message extends TraceMessage
  ? Message extends TraceMessage
    ? [Name & Message["name"]] extends [never] ? never : Message
  : never
  : never;
