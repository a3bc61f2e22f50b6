import type { Conversation } from "./conversation.ts";
import { reply } from "./reply.ts";

/** Asks for TLS in SMTP: RFC 3207. */
export async function smtp(conversation: Conversation): Promise<void> {
  await reply(conversation, "220");
  await conversation.send("EHLO localhost");
  const lines = await reply(conversation, "250");
  if (!lines.some((line) => /^250[ -]STARTTLS\s*$/i.test(line))) {
    throw conversation.failure("the server doesn't offer STARTTLS");
  }
  await conversation.send("STARTTLS");
  await reply(conversation, "220");
}
