import type { Conversation } from "./conversation.ts";

const TAG = "a1";

/** Asks for TLS in IMAP: RFC 9051, 6.2.1. */
export async function imap(conversation: Conversation): Promise<void> {
  const greeting = await conversation.line();
  // PREAUTH, too, is a greeting after which there is no STARTTLS.
  if (!/^\* OK\b/i.test(greeting)) throw conversation.refusal(greeting);
  await conversation.send(`${TAG} STARTTLS`);
  for (;;) {
    const line = await conversation.line();
    if (line.startsWith("* ")) continue;
    if (new RegExp(`^${TAG} OK\\b`, "i").test(line)) return;
    throw conversation.refusal(line);
  }
}
