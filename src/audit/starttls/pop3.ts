import type { Conversation } from "./conversation.ts";

/** Asks for TLS in POP3: RFC 2595, 4. */
export async function pop3(conversation: Conversation): Promise<void> {
  await expectOk(conversation);
  await conversation.send("STLS");
  await expectOk(conversation);
}

async function expectOk(conversation: Conversation): Promise<void> {
  const line = await conversation.line();
  if (!/^\+OK\b/.test(line)) throw conversation.refusal(line);
}
