/** docs/debugging.md: what Wireshark's filters find in a sandbox's capture. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { it } from "@std/testing/bdd";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { createTlsSandbox, type TlsPair } from "@sesame/tls/testing";
import { describeWith, run } from "../support/programs.ts";
import { Folder } from "../support/temp_folder.ts";

const PAGE = Deno.readTextFileSync(
  new URL("../../docs/debugging.md", import.meta.url),
);

/** Filters of the page, and whether a full and a resumed handshake have what they show. */
const FILTERS = [
  ["tls.handshake", true, true],
  [
    "tls.handshake.type == 1 && tls.handshake.extension.type == 41",
    false,
    true,
  ],
  [
    "tls.handshake.type == 2 && tls.handshake.extension.type == 41",
    false,
    true,
  ],
  ["tls.handshake.type == 4", true, true],
  ["tls.handshake.type == 11", true, false],
  ["tls.alert_message", false, false],
] as const;

/** tshark counts in an interval of time, which a capture must have. */
const DELAYED = { delay: 20 };

describeWith("tshark", "docs/debugging.md", () => {
  it("has filters that find what it says", async () => {
    await using folder = await Folder.make();
    using sandbox = createTlsSandbox({ seed: "wireshark" });
    const sessions = new MemorySessionStore({ now: sandbox.clock.now });
    const full = sandbox.pair({ server: { sessions }, network: DELAYED });
    await full.handshake();
    using resumed = full.reconnect({ network: DELAYED });
    await resumed.handshake();
    const counts = {
      full: await countsIn(full, folder),
      resumed: await countsIn(resumed, folder),
    };
    for (const [i, [filter, inFull, inResumed]] of FILTERS.entries()) {
      assertStringIncludes(PAGE, `| \`${filter}\``);
      assertEquals(counts.full[i] !== 0, inFull, filter);
      assertEquals(counts.resumed[i] !== 0, inResumed, filter);
    }
  });
});

/** How many packets of a connection each filter shows. */
async function countsIn(pair: TlsPair, folder: Folder): Promise<number[]> {
  const path = folder.path("tls.pcapng");
  await Deno.writeFile(path, pair.trace.toPcapng({ keyLog: true }));
  const filters = FILTERS.map(([filter]) => filter).join(",");
  const { code, stdout, stderr } = await run("tshark", [
    "-q",
    "-r",
    path,
    "-z",
    `io,stat,0,${filters}`,
  ]);
  assert(code === 0, stderr);
  // | 0.000 <> 0.001 | frames | bytes | frames | bytes | ...
  const row = stdout.split("\n").find((line) => line.includes("<>")) ?? "";
  const cells = row.split("|").slice(2, -1).map(Number);
  const counts = cells.filter((_, i) => i % 2 === 0);
  assertEquals(counts.length, FILTERS.length, stdout);
  return counts;
}
