import type {
  TraceExtension,
  TraceKeyShare,
  TracePskIdentity,
} from "./messages.ts";
import {
  extensionName,
  groupName,
  keyExchangeModeName,
  signatureName,
  versionName,
} from "./names.ts";
import { Reader, toText } from "./reader.ts";
import type { Redaction } from "./redaction.ts";

/** The messages with extensions, whose content depends on the message. */
export type ExtendedMessage =
  | "ClientHello"
  | "ServerHello"
  | "HelloRetryRequest"
  | "EncryptedExtensions"
  | "Certificate"
  | "CertificateRequest"
  | "NewSessionTicket";

type Content = Omit<TraceExtension, "type" | "name" | "length" | "malformed">;

type Decoder = (
  reader: Reader,
  message: ExtendedMessage,
  redaction: Redaction,
) => Content;

/** Reads the extensions of a message. */
export function readExtensions(
  reader: Reader,
  message: ExtendedMessage,
  redaction: Redaction,
): TraceExtension[] {
  // Messages of TLS 1.2 may have no extensions block.
  if (reader.left === 0) return [];
  const extensions = reader.part(2).list((list) => {
    const type = list.uint(2);
    return decodeExtension(type, list.vector(2), message, redaction);
  });
  if (extensions.some(({ malformed }) => malformed)) reader.fail();
  return extensions;
}

function decodeExtension(
  type: number,
  bytes: Uint8Array,
  message: ExtendedMessage,
  redaction: Redaction,
): TraceExtension {
  const reader = new Reader(bytes);
  const decode = DECODERS.get(type);
  const content = decode?.(reader, message, redaction);
  if (decode) reader.end();
  return {
    type,
    name: extensionName(type),
    length: bytes.length,
    malformed: reader.isMalformed,
    ...content,
  };
}

const DECODERS: ReadonlyMap<number, Decoder> = new Map<number, Decoder>([
  [0, serverName],
  [10, (reader) => ({
    groups: reader.part(2).list((list) => groupName(list.uint(2))),
  })],
  [13, algorithms],
  [16, (reader) => ({
    protocols: reader.part(2).list((list) => toText(list.vector(1))),
  })],
  [35, (reader, _message, redaction) => ({
    ticket: redaction.secret(reader.rest()),
  })],
  [41, preSharedKey],
  [
    42,
    (reader, message): Content =>
      message === "NewSessionTicket" ? { maxEarlyData: reader.uint(4) } : {},
  ],
  [43, supportedVersions],
  [44, (reader, _message, redaction) => ({
    cookie: redaction.plain(reader.vector(2)),
  })],
  [45, (reader) => ({
    modes: reader.part(1).list((list) => keyExchangeModeName(list.uint(1))),
  })],
  [47, (reader) => ({
    authorities: reader.part(2).list((list) => list.vector(2)).length,
  })],
  [50, algorithms],
  [51, keyShare],
]);

/** RFC 6066, section 3. A server's is empty. */
function serverName(reader: Reader, message: ExtendedMessage): Content {
  if (message !== "ClientHello") return {};
  const names = reader.part(2).list((list) => {
    const isHost = list.uint(1) === 0;
    const name = toText(list.vector(2));
    return isHost ? [name] : [];
  });
  const [name] = names.flat();
  return name === undefined ? {} : { serverName: name };
}

function algorithms(reader: Reader): Content {
  return {
    algorithms: reader.part(2).list((list) => signatureName(list.uint(2))),
  };
}

/** RFC 8446, section 4.2.11. */
function preSharedKey(
  reader: Reader,
  message: ExtendedMessage,
  redaction: Redaction,
): Content {
  if (message !== "ClientHello") return { selected: reader.uint(2) };
  const identities = reader.part(2).list((list): TracePskIdentity => ({
    identity: redaction.secret(list.vector(2)),
    obfuscatedAge: list.uint(4),
  }));
  const binders = reader.part(2).list((list) => list.vector(1).length);
  return { identities, binders };
}

function supportedVersions(reader: Reader, message: ExtendedMessage): Content {
  const list = message === "ClientHello" ? reader.part(1) : reader;
  return { versions: list.list((list) => versionName(list.uint(2))) };
}

/** RFC 8446, section 4.2.8. */
function keyShare(
  reader: Reader,
  message: ExtendedMessage,
  redaction: Redaction,
): Content {
  const share = (list: Reader): TraceKeyShare => ({
    group: groupName(list.uint(2)),
    key: redaction.plain(
      message === "HelloRetryRequest" ? list.take(0) : list.vector(2),
    ),
  });
  const list = message === "ClientHello" ? reader.part(2) : reader;
  return { shares: list.list(share) };
}
