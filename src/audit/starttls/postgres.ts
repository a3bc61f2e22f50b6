import type { Conversation } from "./conversation.ts";

/** SSLRequest: its length, and 1234 and 5679 in place of a version. */
const SSL_REQUEST = Uint8Array.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f);
const YES = "S".charCodeAt(0);
const NO = "N".charCodeAt(0);

/** Asks for TLS in PostgreSQL: "Frontend/Backend Protocol", "SSL Session Encryption". */
export async function postgres(conversation: Conversation): Promise<void> {
  await conversation.send(SSL_REQUEST);
  const [answer] = await conversation.bytes(1);
  if (answer === YES) return;
  if (answer === NO) {
    throw conversation.failure("the server has no TLS (ssl = off)");
  }
  throw conversation.refusal(String.fromCharCode(answer ?? 0));
}
