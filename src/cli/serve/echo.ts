import type { Peer } from "./peer.ts";

/** Says back what a client says, until it ends. */
export async function echo(peer: Peer): Promise<void> {
  for await (const chunk of peer.input) await peer.write(chunk);
  await peer.end();
}
