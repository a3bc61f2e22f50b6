import type { TraceBytes } from "./redaction.ts";

/** The properties of every decoded handshake message. */
export interface TraceMessageBase {
  /** The type number (RFC 8446, section 4). */
  readonly type: number;
  /** The length of its body in bytes. */
  readonly length: number;
  /** Whether it is malformed. It then has what could be read. */
  readonly malformed: boolean;
}

/** An extension, with the content of known ones. */
export interface TraceExtension {
  /** Its number. */
  readonly type: number;
  /** Its name, such as `"server_name"`, or its number if the name is unknown. */
  readonly name: string;
  /** The length of its content in bytes. */
  readonly length: number;
  /** Whether its content is malformed. */
  readonly malformed: boolean;
  /** `server_name`: the host name. */
  readonly serverName?: string;
  /** `application_layer_protocol_negotiation`: the offered protocols, or the selected one. */
  readonly protocols?: readonly string[];
  /** `supported_versions`: the offered versions, or the selected one. */
  readonly versions?: readonly string[];
  /** `supported_groups`: the groups of the key exchange. */
  readonly groups?: readonly string[];
  /** `key_share`: the groups, each with a key; in a HelloRetryRequest one without. */
  readonly shares?: readonly TraceKeyShare[];
  /** `signature_algorithms`, `signature_algorithms_cert`. */
  readonly algorithms?: readonly string[];
  /** `psk_key_exchange_modes`. */
  readonly modes?: readonly string[];
  /** `pre_shared_key`: the identities that a client offers. */
  readonly identities?: readonly TracePskIdentity[];
  /** `pre_shared_key`: the lengths of the binders. */
  readonly binders?: readonly number[];
  /** `pre_shared_key`: the index of the identity that a server selected. */
  readonly selected?: number;
  /** `early_data` in a NewSessionTicket: the maximum number of bytes. */
  readonly maxEarlyData?: number;
  /** `session_ticket`: the ticket that a client offers; an empty one requests a new ticket. */
  readonly ticket?: TraceBytes;
  /** `certificate_authorities`: the number of issuers. */
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

/** The identity of a session of TLS 1.3 or of an external PSK that a client offers. */
export interface TracePskIdentity {
  /** The ticket, or the identity of an external PSK. */
  readonly identity: TraceBytes;
  /** The obfuscated ticket age: the age in milliseconds plus the `ageAdd` of the ticket, modulo 2^32. */
  readonly obfuscatedAge: number;
}

/** A ClientHello. */
export interface TraceClientHello extends TraceMessageBase {
  /** The name of the message. */
  readonly name: "ClientHello";
  /** The offered versions. */
  readonly versions: readonly string[];
  /** The client's random. */
  readonly random: TraceBytes;
  /** The session id in hexadecimal; a random one in the middlebox compatibility mode of TLS 1.3. */
  readonly sessionId: string;
  /** The cipher suites in order of preference. */
  readonly cipherSuites: readonly string[];
  /** The compression methods: 0 is none. */
  readonly compressionMethods: readonly number[];
  /** The extensions in order. */
  readonly extensions: readonly TraceExtension[];
}

/** A ServerHello or HelloRetryRequest. */
export interface TraceServerHello extends TraceMessageBase {
  /** The name of the message. A HelloRetryRequest is a ServerHello with a special random. */
  readonly name: "ServerHello" | "HelloRetryRequest";
  /** The selected version. */
  readonly version: string;
  /** The server's random. */
  readonly random: TraceBytes;
  /** The session id in hexadecimal; in TLS 1.3 that of the client. */
  readonly sessionId: string;
  /** The cipher suite. */
  readonly cipherSuite: string;
  /** The compression method: 0 is none. */
  readonly compressionMethod: number;
  /** The extensions in order. */
  readonly extensions: readonly TraceExtension[];
}

/** EncryptedExtensions (TLS 1.3). */
export interface TraceEncryptedExtensions extends TraceMessageBase {
  /** The name of the message. */
  readonly name: "EncryptedExtensions";
  /** The extensions in order. */
  readonly extensions: readonly TraceExtension[];
}

/** A Certificate message, which is empty if a client has no certificate. */
export interface TraceCertificate extends TraceMessageBase {
  /** The name of the message. */
  readonly name: "Certificate";
  /** The certificates, the leaf first. */
  readonly certificates: readonly {
    /** The length of its DER in bytes. */
    readonly length: number;
    /** The common name of its subject; `null` if it has none. */
    readonly commonName: string | null;
    /** The extensions of its CertificateEntry (TLS 1.3). */
    readonly extensions: readonly TraceExtension[];
  }[];
}

/** A CertificateRequest. */
export interface TraceCertificateRequest extends TraceMessageBase {
  /** The name of the message. */
  readonly name: "CertificateRequest";
  /** The signature algorithms that the server accepts. */
  readonly algorithms: readonly string[];
  /** The number of certificate authorities. */
  readonly authorities: number;
  /** The extensions (TLS 1.3). */
  readonly extensions: readonly TraceExtension[];
}

/** A CertificateVerify. */
export interface TraceCertificateVerify extends TraceMessageBase {
  /** The name of the message. */
  readonly name: "CertificateVerify";
  /** The signature algorithm; `null` before TLS 1.2. */
  readonly algorithm: string | null;
  /** The signature. */
  readonly signature: TraceBytes;
}

/** A ServerKeyExchange (before TLS 1.3). */
export interface TraceServerKeyExchange extends TraceMessageBase {
  /** The name of the message. */
  readonly name: "ServerKeyExchange";
  /** The group; `null` if it has no number. */
  readonly group: string | null;
  /** The public key, or `null`. */
  readonly key: TraceBytes | null;
  /** The signature algorithm, or `null`. */
  readonly algorithm: string | null;
}

/** A ClientKeyExchange (before TLS 1.3). */
export interface TraceClientKeyExchange extends TraceMessageBase {
  /** The name of the message. */
  readonly name: "ClientKeyExchange";
  /** The public key, or an encrypted secret. */
  readonly key: TraceBytes;
}

/** A NewSessionTicket. */
export interface TraceNewSessionTicket extends TraceMessageBase {
  /** The name of the message. */
  readonly name: "NewSessionTicket";
  /** The lifetime of the session in seconds. */
  readonly lifetime: number;
  /** The `ticket_age_add` (TLS 1.3). */
  readonly ageAdd: number | null;
  /** The `ticket_nonce` (TLS 1.3) in hexadecimal. */
  readonly nonce: string | null;
  /** The ticket. */
  readonly ticket: TraceBytes;
  /** The extensions (TLS 1.3). */
  readonly extensions: readonly TraceExtension[];
}

/** A Finished. */
export interface TraceFinished extends TraceMessageBase {
  /** The name of the message. */
  readonly name: "Finished";
  /** The verify data. */
  readonly verifyData: TraceBytes;
}

/** A KeyUpdate (TLS 1.3). */
export interface TraceKeyUpdate extends TraceMessageBase {
  /** The name of the message. */
  readonly name: "KeyUpdate";
  /** Whether it requests an update of the peer's keys. */
  readonly requested: boolean;
}

/** A CertificateStatus: an OCSP response. */
export interface TraceCertificateStatus extends TraceMessageBase {
  /** The name of the message. */
  readonly name: "CertificateStatus";
  /** The length of the response in bytes. */
  readonly responseLength: number;
}

/** A message without content. */
export interface TraceEmptyMessage extends TraceMessageBase {
  /** The name of the message. */
  readonly name: "HelloRequest" | "ServerHelloDone" | "EndOfEarlyData";
}

/** A message of an unknown type. */
export interface TraceUnknownMessage extends TraceMessageBase {
  /** `"Unknown"`. */
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

/** The name of a handshake message in the RFCs. */
export type TraceMessageName = TraceMessage["name"];

/** The type of the message with a name. */
export type TraceMessageOf<Name extends TraceMessageName> = TraceMessage extends
  infer Message extends TraceMessage
  ? Message extends TraceMessage
    ? [Name & Message["name"]] extends [never] ? never : Message
  : never
  : never;
