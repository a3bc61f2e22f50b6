/** The picture of the README: a session that goes from one server by the store to another. */
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { createTlsSandbox, SpyStore, type TlsPair } from "@sesame/tls/testing";

/** Where a line of the picture begins and ends. */
const LANES = { client: 80, one: 430, two: 600, store: 790 } as const;
const HEADS = {
  client: "client",
  one: "server one",
  two: "server two",
  store: "session store",
} as const;
const WIDTH = 870;
const ROW = 42;
const TOP = 56;
/** What has a meaning for the picture. */
const SHOWN = new Set([
  "ClientHello",
  "ServerHello",
  "Certificate",
  "CertificateVerify",
  "Finished",
  "NewSessionTicket",
]);

type Lane = keyof typeof LANES;

/** An arrow from one lane to another, or a line of text between two connections. */
type Row =
  | { from: Lane; to: Lane; label: string; note: string }
  | { text: string };

/** Runs both connections, and draws them. */
export async function drawLadder(): Promise<string> {
  using sandbox = createTlsSandbox({ seed: "ladder" });
  const { now } = sandbox.clock;
  const sessions = new SpyStore(new MemorySessionStore({ now }), { now });
  const first = sandbox.pair({ server: { sessions } });
  await first.handshake();
  const full = rowsOf(first, "one", sessions.calls);
  sessions.clear();
  sandbox.clock.advance(3_600_000);
  using second = first.reconnect();
  await second.handshake();
  const resumed = rowsOf(second, "two", sessions.calls);
  return draw([
    ...full,
    { text: "an hour later, at another server" },
    ...resumed,
  ]);
}

/** The flights of a connection, with the calls of the store where they are made. */
function rowsOf(
  pair: TlsPair,
  server: "one" | "two",
  calls: SpyStore["calls"],
): Row[] {
  const called = new Set(calls.map(({ operation }) => operation));
  const rows: Row[] = [];
  for (const flight of pair.trace.flights) {
    const names = flight.events.flatMap((event) =>
      event.type === "handshake" ? [event.message.name] : []
    ).filter((name) => SHOWN.has(name));
    if (names.includes("NewSessionTicket") && called.has("set")) {
      rows.push({ from: server, to: "store", label: "set", note: "" });
    }
    const [from, to]: [Lane, Lane] = flight.from === "client"
      ? ["client", server]
      : [server, "client"];
    const bytes = Object.values(flight.bytes).reduce((sum, n) => sum + n, 0);
    const offers = names[0] === "ClientHello" && called.has("get");
    rows.push({
      from,
      to,
      label: [...new Set(names)].join(", ") + (offers ? " with a session" : ""),
      note: `${bytes} bytes`,
    });
    if (offers) {
      rows.push(
        { from: server, to: "store", label: "get", note: "" },
        { from: "store", to: server, label: "the session", note: "" },
      );
    }
  }
  return rows;
}

function draw(rows: readonly Row[]): string {
  const height = TOP + rows.length * ROW + 16;
  const lanes = Object.entries(LANES).map(([lane, x]) =>
    `<text class="head" x="${x}" y="24">${HEADS[lane as Lane]}</text>` +
    `<path class="lane" d="M${x} 36V${height - 8}"/>`
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>A session goes from one server by the store to another</title>
<style>
text{font:13px system-ui,sans-serif;fill:#1d2329;text-anchor:middle}
.head{font-weight:600;font-size:14px}
.note{fill:#57626c;font-size:11px}
.lane{stroke:#b9c0c7;fill:none}
.arrow{stroke:#0b5cad;fill:none;stroke-width:1.5}
.tip{fill:#0b5cad}
.store{stroke:#6b3fa0}.tip.store{fill:#6b3fa0}
@media(prefers-color-scheme:dark){text{fill:#e6e9ec}.note{fill:#a0abb5}.lane{stroke:#4a555f}.arrow{stroke:#7cb8f2}.tip{fill:#7cb8f2}.store{stroke:#c3a1f0}.tip.store{fill:#c3a1f0}}
</style>
${lanes.join("\n")}
${rows.map(drawRow).join("\n")}
</svg>
`;
}

function drawRow(row: Row, i: number): string {
  const y = TOP + i * ROW + ROW / 2;
  if ("text" in row) {
    const x = (LANES.client + LANES.one) / 2;
    return `<text class="note" x="${x}" y="${y + 4}">${row.text}</text>`;
  }
  const [start, end] = [LANES[row.from], LANES[row.to]];
  const side = Math.sign(end - start);
  const tip = end - side * 9;
  const kind = row.from === "store" || row.to === "store" ? " store" : "";
  // Beside the lane that an arrow to the store crosses.
  const middle = (kind ? LANES.two + LANES.store : start + end) / 2;
  return [
    `<text x="${middle}" y="${y - 6}">${row.label}</text>`,
    `<text class="note" x="${middle}" y="${y + 14}">${row.note}</text>`,
    `<path class="arrow${kind}" d="M${start} ${y}H${tip}"/>`,
    `<path class="tip${kind}" d="M${end} ${y}L${tip} ${y - 4}V${y + 4}Z"/>`,
  ].join("");
}
