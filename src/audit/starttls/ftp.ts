import type { Conversation } from "./conversation.ts";
import { reply } from "./reply.ts";

/** Asks for TLS on FTP's control connection: RFC 4217, 4. */
export async function ftp(conversation: Conversation): Promise<void> {
  await reply(conversation, "220");
  await conversation.send("AUTH TLS");
  await reply(conversation, "234");
}
