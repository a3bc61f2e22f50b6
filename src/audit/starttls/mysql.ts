import { latin1 } from "../../internal/bytes.ts";
import type { Conversation } from "./conversation.ts";

const PROTOCOL_10 = 0x0a;
const ERROR = 0xff;
/** The most bytes of a server's first packet. */
const MAX_PACKET = 4_096;
/** Where the capabilities are, after the version's end: thread id, salt and filler precede them. */
const CAPABILITIES = 4 + 8 + 1;

const CLIENT_PROTOCOL_41 = 0x200;
const CLIENT_SSL = 0x800;
const CLIENT_SECURE_CONNECTION = 0x8000;
const CLIENT_PLUGIN_AUTH = 0x8_0000;

/** Asks for TLS in MySQL and MariaDB: "Protocol::HandshakeV10", "Protocol::SSLRequest". */
export async function mysql(conversation: Conversation): Promise<void> {
  const head = await conversation.bytes(4);
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const length = view.getUint16(0, true) | view.getUint8(2) << 16;
  if (length === 0 || length > MAX_PACKET) {
    throw conversation.failure(`the server sent a packet of ${length} bytes`);
  }
  const packet = await conversation.bytes(length);
  if (packet[0] === ERROR) throw conversation.refusal(latin1(packet.slice(3)));
  if (packet[0] !== PROTOCOL_10) {
    throw conversation.failure("the server sent no handshake of version 10");
  }
  const at = packet.indexOf(0, 1) + 1 + CAPABILITIES;
  const [low = 0, high = 0] = packet.subarray(at);
  if (at <= CAPABILITIES || ((high << 8 | low) & CLIENT_SSL) === 0) {
    throw conversation.failure("the server doesn't offer TLS");
  }
  await conversation.send(sslRequest(view.getUint8(3) + 1));
}

/** A packet with the first fields of a login. The server begins TLS in place of an answer. */
function sslRequest(sequence: number): Uint8Array {
  const packet = new Uint8Array(4 + 32);
  const view = new DataView(packet.buffer);
  view.setUint32(0, 32, true);
  view.setUint8(3, sequence);
  view.setUint32(
    4,
    CLIENT_PROTOCOL_41 | CLIENT_SSL | CLIENT_SECURE_CONNECTION |
      CLIENT_PLUGIN_AUTH,
    true,
  );
  view.setUint32(8, 0xff_ffff, true);
  view.setUint8(12, 45); // utf8mb4
  return packet;
}
