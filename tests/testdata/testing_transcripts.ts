/**
 * Prints a digest of what was on the wire, of pairs of engines and of sockets over networks
 * of all kinds: `testing_transcripts.ts SEED`.
 *
 * @module
 */
import { MemorySessionStore } from "../../src/stores/memory.ts";
import type { NetworkOptions } from "../../src/testing/network.ts";
import { createTlsSocketPair } from "../../src/testing/pair.ts";
import { createTlsSandbox } from "../../src/testing/sandbox.ts";

const [seed = ""] = Deno.args;
const NETWORKS: Record<string, NetworkOptions> = {
  plain: {},
  slow: { delay: (n) => 10 * n, fragment: 7 },
  corrupt: { toClient: { corrupt: { at: 400 } } },
  cut: { toServer: { drop: { atByte: 150 } } },
};

for (const [name, network] of Object.entries(NETWORKS)) {
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    using sandbox = createTlsSandbox({ seed });
    const { now } = sandbox.clock;
    const pair = sandbox.pair({
      network,
      client: { maxVersion },
      server: { sessions: new MemorySessionStore({ now }) },
    });
    await pair.handshake();
    await print(`${name} ${maxVersion}`, pair.trace.transcript);
    if (pair.client.state !== "open") continue;
    using again = pair.reconnect();
    await again.handshake();
    await print(`${name} ${maxVersion} resumed`, again.trace.transcript);
  }
}

await using sockets = createTlsSocketPair({ seed, network: { delay: 5 } });
const writer = sockets.client.writable.getWriter();
await writer.write(new TextEncoder().encode("hello"));
await writer.close();
await new Response(sockets.server.readable).text();
await print("sockets", sockets.trace.transcript);

async function print(name: string, transcript: Uint8Array): Promise<void> {
  const bytes = new Uint8Array(transcript);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  console.log(`${name}: ${new Uint8Array(digest).toHex()} ${bytes.length}`);
}
