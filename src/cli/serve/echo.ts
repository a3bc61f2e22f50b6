import type { Peer } from "./peer.ts";

/** Sends back what a client sends, until it ends. */
export async function echo(peer: Peer): Promise<void> {
  for await (const chunk of peer.input) await peer.write(chunk);
  await peer.end();
}
