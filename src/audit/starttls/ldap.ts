import type { Conversation } from "./conversation.ts";

const OID = "1.3.6.1.4.1.1466.20037";
const MESSAGE_ID = 1;
const SEQUENCE = 0x30;
const INTEGER = 0x02;
const ENUMERATED = 0x0a;
const EXTENDED_REQUEST = 0x77;
const EXTENDED_RESPONSE = 0x78;
const REQUEST_NAME = 0x80;
/** The most bytes of an answer. */
const MAX_ANSWER = 4_096;

/** Asks for TLS in LDAP: RFC 4511, 4.14. */
export async function ldap(conversation: Conversation): Promise<void> {
  await conversation.send(request());
  const [tag] = await conversation.bytes(1);
  const answer = tag === SEQUENCE
    ? await conversation.bytes(await lengthOf(conversation))
    : new Uint8Array();
  const code = resultCode(answer);
  if (code === undefined) {
    throw conversation.failure("the server didn't answer the request");
  }
  if (code !== 0) {
    throw conversation.failure(`the server answered with result code ${code}`);
  }
}

function request(): Uint8Array {
  const oid = new TextEncoder().encode(OID);
  const operation = [
    ...[EXTENDED_REQUEST, oid.length + 2],
    ...[REQUEST_NAME, oid.length, ...oid],
  ];
  const id = [INTEGER, 1, MESSAGE_ID];
  return Uint8Array.of(
    SEQUENCE,
    id.length + operation.length,
    ...id,
    ...operation,
  );
}

/** Reads the length of a BER element, in as few bytes as it may have or in more. */
async function lengthOf(conversation: Conversation): Promise<number> {
  const [first = 0] = await conversation.bytes(1);
  if (first < 0x80) return first;
  const count = first & 0x7f;
  const bytes = count > 0 && count <= 4
    ? await conversation.bytes(count)
    : new Uint8Array();
  const length = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  if (bytes.length > 0 && length <= MAX_ANSWER) return length;
  throw conversation.failure("the server's answer is too long");
}

/** The result code of the answer to the request; undefined if it is something else. */
function resultCode(answer: Uint8Array): number | undefined {
  const [tag, length, id, operation, ...rest] = answer;
  const isAnswer = tag === INTEGER && length === 1 && id === MESSAGE_ID &&
    operation === EXTENDED_RESPONSE;
  if (!isAnswer) return undefined;
  // The operation's length, of one or of several bytes.
  const [first = 0] = rest;
  const skipped = first < 0x80 ? 1 : 1 + (first & 0x7f);
  const [type, size, code] = rest.slice(skipped);
  return type === ENUMERATED && size === 1 ? code : undefined;
}
