import { type ExtendedMessage, readExtensions } from "./extensions.ts";
import type {
  TraceExtension,
  TraceMessage,
  TraceMessageBase,
} from "./messages.ts";
import {
  alertName,
  cipherSuiteName,
  groupName,
  signatureName,
  versionName,
} from "./names.ts";
import { toHex } from "../../internal/bytes.ts";
import { Reader } from "./reader.ts";
import type { Redaction } from "./redaction.ts";
import { commonName } from "./common_name.ts";

/** The parameters that the format of a message depends on. */
export interface DecodeContext {
  /** The selected version, such as `"TLSv1.3"`; `null` before it is selected. */
  readonly version: string | null;
  /** The selected cipher suite; `null` before it is selected. */
  readonly cipherSuite: string | null;
  /** The policy of showing bytes. */
  readonly redaction: Redaction;
}

const HEADER_BYTES = 4;
const NAMED_CURVE = 3;
const WARNING = 1;

/** The random of a HelloRetryRequest (RFC 8446, section 4.1.3). */
export const RETRY_RANDOM =
  "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";

/**
 * Decodes a handshake message with its header. The bytes are untrusted: a malformed message
 * has what could be read.
 */
export function decodeMessage(
  bytes: Uint8Array,
  context: DecodeContext,
): TraceMessage {
  const reader = new Reader(bytes);
  const type = reader.uint(1);
  if (reader.uint(3) !== reader.left) reader.fail();
  const content = (DECODERS.get(type) ?? unknown)(reader, context);
  reader.end();
  const length = Math.max(bytes.length - HEADER_BYTES, 0);
  return { type, length, malformed: reader.isMalformed, ...content };
}

/** Decodes an alert. */
export function decodeAlert(
  [level, code = 0]: Uint8Array,
): { level: "warning" | "fatal"; name: string; code: number } {
  return {
    level: level === WARNING ? "warning" : "fatal",
    name: alertName(code),
    code,
  };
}

type Content<Message = TraceMessage> = Message extends TraceMessage
  ? Omit<Message, keyof TraceMessageBase>
  : never;

type Decoder = (reader: Reader, context: DecodeContext) => Content;

const DECODERS: ReadonlyMap<number, Decoder> = new Map<number, Decoder>([
  [0, (): Content => ({ name: "HelloRequest" })],
  [1, clientHello],
  [2, serverHello],
  [4, newSessionTicket],
  [5, (): Content => ({ name: "EndOfEarlyData" })],
  [8, (reader, context): Content => ({
    name: "EncryptedExtensions",
    extensions: extensions(reader, "EncryptedExtensions", context),
  })],
  [11, certificate],
  [12, serverKeyExchange],
  [13, certificateRequest],
  [14, (): Content => ({ name: "ServerHelloDone" })],
  [15, certificateVerify],
  [16, (reader, { redaction }): Content => ({
    name: "ClientKeyExchange",
    key: redaction.plain(reader.rest()),
  })],
  [20, (reader, { redaction }): Content => ({
    name: "Finished",
    verifyData: redaction.plain(reader.rest()),
  })],
  [22, (reader): Content => {
    reader.uint(1);
    return {
      name: "CertificateStatus",
      responseLength: reader.vector(3).length,
    };
  }],
  [24, (reader): Content => ({
    name: "KeyUpdate",
    requested: reader.uint(1) === 1,
  })],
]);

function clientHello(reader: Reader, context: DecodeContext): Content {
  const legacyVersion = versionName(reader.uint(2));
  const random = context.redaction.plain(reader.take(32));
  const sessionId = toHex(reader.vector(1));
  const cipherSuites = reader.part(2)
    .list((list) => cipherSuiteName(list.uint(2)));
  const compressionMethods = reader.part(1).list((list) => list.uint(1));
  const offered = extensions(reader, "ClientHello", context);
  const versions = offered.find(({ versions }) => versions)?.versions;
  return {
    name: "ClientHello",
    versions: versions ?? [legacyVersion],
    random,
    sessionId,
    cipherSuites,
    compressionMethods,
    extensions: offered,
  };
}

function serverHello(reader: Reader, context: DecodeContext): Content {
  const legacyVersion = versionName(reader.uint(2));
  const random = reader.take(32);
  const name = toHex(random) === RETRY_RANDOM
    ? "HelloRetryRequest"
    : "ServerHello";
  const sessionId = toHex(reader.vector(1));
  const cipherSuite = cipherSuiteName(reader.uint(2));
  const compressionMethod = reader.uint(1);
  const selected = extensions(reader, name, context);
  const [version = legacyVersion] =
    selected.find(({ versions }) => versions)?.versions ?? [];
  return {
    name,
    version,
    random: context.redaction.plain(random),
    sessionId,
    cipherSuite,
    compressionMethod,
    extensions: selected,
  };
}

function newSessionTicket(reader: Reader, context: DecodeContext): Content {
  const isModern = context.version === "TLSv1.3";
  return {
    name: "NewSessionTicket",
    lifetime: reader.uint(4),
    ageAdd: isModern ? reader.uint(4) : null,
    nonce: isModern ? toHex(reader.vector(1)) : null,
    ticket: context.redaction.secret(reader.vector(2)),
    extensions: isModern ? extensions(reader, "NewSessionTicket", context) : [],
  };
}

function certificate(reader: Reader, context: DecodeContext): Content {
  const isModern = context.version === "TLSv1.3";
  if (isModern) reader.vector(1);
  const certificates = reader.part(3).list((list) => {
    const der = list.vector(3);
    return {
      length: der.length,
      commonName: commonName(der),
      extensions: isModern ? extensions(list, "Certificate", context) : [],
    };
  });
  return { name: "Certificate", certificates };
}

function certificateRequest(reader: Reader, context: DecodeContext): Content {
  if (context.version === "TLSv1.3") {
    reader.vector(1);
    const asked = extensions(reader, "CertificateRequest", context);
    return {
      name: "CertificateRequest",
      algorithms: asked.find(({ type }) => type === 13)?.algorithms ?? [],
      authorities: asked.find(({ type }) => type === 47)?.authorities ?? 0,
      extensions: asked,
    };
  }
  reader.vector(1);
  const algorithms = context.version === "TLSv1.2"
    ? reader.part(2).list((list) => signatureName(list.uint(2)))
    : [];
  const authorities = reader.part(2).list((list) => list.vector(2)).length;
  return {
    name: "CertificateRequest",
    algorithms,
    authorities,
    extensions: [],
  };
}

function certificateVerify(reader: Reader, context: DecodeContext): Content {
  const algorithm = isSignedByName(context)
    ? signatureName(reader.uint(2))
    : null;
  const signature = context.redaction.plain(reader.vector(2));
  return { name: "CertificateVerify", algorithm, signature };
}

/** A ServerKeyExchange (RFC 8422, section 5.4), without the content of other key exchanges than ECDHE. */
function serverKeyExchange(reader: Reader, context: DecodeContext): Content {
  const suite = context.cipherSuite ?? "";
  const name = "ServerKeyExchange";
  if (!/^TLS_ECDHE?_/.test(suite)) {
    reader.rest();
    return { name, group: null, key: null, algorithm: null };
  }
  // The PSK identity hint precedes the parameters (RFC 5489, section 2).
  if (suite.includes("_PSK_")) reader.vector(2);
  if (reader.uint(1) !== NAMED_CURVE) reader.fail();
  const group = groupName(reader.uint(2));
  const key = context.redaction.plain(reader.vector(1));
  const isSigned = !/_PSK_|_anon_/.test(suite);
  const algorithm = isSigned && isSignedByName(context)
    ? signatureName(reader.uint(2))
    : null;
  if (isSigned) reader.vector(2);
  return { name, group, key, algorithm };
}

function unknown(reader: Reader): Content {
  reader.rest();
  return { name: "Unknown" };
}

function extensions(
  reader: Reader,
  message: ExtendedMessage,
  { redaction }: DecodeContext,
): TraceExtension[] {
  return readExtensions(reader, message, redaction);
}

/** Whether signatures name their algorithm, as since TLS 1.2. */
function isSignedByName({ version }: DecodeContext): boolean {
  return version === "TLSv1.2" || version === "TLSv1.3";
}
