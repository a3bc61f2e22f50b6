import type { EarlyDataStatus } from "../../tls/peer/connection_info.ts";
import type { Resumption } from "../../tls/sessions/resumption.ts";
import type { SessionStats } from "../../tls/sessions/session_stats.ts";
import type { ScenarioEnd, ScenarioNetwork } from "./types.ts";
import type { TlsPair } from "../pair.ts";
import type { Trace } from "../trace.ts";

/** A server counts a handshake that is done, as what it says that it was, and once. */
export function statisticsViolations(
  resumption: Resumption | null,
  before: readonly SessionStats[],
  after: readonly SessionStats[],
): string[] {
  const counted = handshakes(after) - handshakes(before);
  const due = resumption === null ? 0 : 1;
  if (counted !== due) {
    return [`the server's statistics count ${counted} handshakes, not ${due}`];
  }
  if (resumption === null) return [];
  if (outcomes(resumption, after) - outcomes(resumption, before) === 1) {
    return [];
  }
  const word = resumption.resumed ? resumption.from : resumption.reason;
  return [`the server says ${word}, and its statistics don't count that`];
}

function handshakes(all: readonly SessionStats[]): number {
  return all.reduce((sum, { handshakes }) => sum + handshakes, 0);
}

function outcomes(
  resumption: Resumption,
  all: readonly SessionStats[],
): number {
  return all.reduce((sum, { resumed, full }) => {
    const count = resumption.resumed
      ? resumed[resumption.from]
      : full[resumption.reason];
    return sum + (count ?? 0);
  }, 0);
}

/** A server has read early data if the client was told so, and only then. */
export function earlyDataViolations(
  read: Uint8Array,
  sent: string,
  status: EarlyDataStatus | null,
): string[] {
  const text = new TextDecoder().decode(read);
  const due = status === "accepted" ? sent : "";
  // Where the handshake came to no end, the client was told nothing.
  if (status === null || text === due) return [];
  return [
    `the server read ${JSON.stringify(text)} as early data, not ${
      JSON.stringify(due)
    }`,
  ];
}

/** How the network's notes begin of what it did, behind whom it did it to. */
const NETWORK_NOTES = {
  corrupt: "byte ",
  drop: "a reset after ",
  truncate: "the end after ",
} as const;

/** What is to go wrong on the way does: its place is one that bytes reach. */
export function networkViolations(
  { toServer, toClient }: ScenarioNetwork,
  trace: Trace | null,
): string[] {
  const notes = trace?.events.flatMap((event) =>
    event.type === "note" ? event.text : []
  );
  return ([["server", toServer], ["client", toClient]] as const).flatMap((
    [to, plan],
  ) =>
    (Object.keys(NETWORK_NOTES) as (keyof typeof NETWORK_NOTES)[])
      .filter((kind) =>
        plan?.[kind] !== undefined &&
        !notes?.some((note) =>
          note.startsWith(`To the ${to}: ${NETWORK_NOTES[kind]}`)
        )
      )
      .map((kind) =>
        `the network's fault "${kind}" to the ${to} never happened`
      )
  );
}

/** What the ends say of a connection is the same. */
export function agreementViolations(
  { client, server }: Pick<TlsPair, "client" | "server">,
): string[] {
  const faults: string[] = [];
  for (
    const name of ["protocol", "cipher", "alpnProtocol", "resumed"] as const
  ) {
    const [one, other] = [client.info?.[name], server.info?.[name]];
    if (one === other) continue;
    faults.push(`the client says ${name} ${one}, and the server ${other}`);
  }
  const [one, other] = [client, server].map((engine) =>
    engine.exportKeyingMaterial(32, "EXPERIMENTAL scenario").join()
  );
  if (one !== other) faults.push("the ends derive different keys");
  return faults;
}

/** What either end sends reaches the other. */
export async function dataViolations(pair: TlsPair): Promise<string[]> {
  for (const from of ["client", "server"] as const) {
    const bytes = await pair.say(from, `from the ${from}`);
    const heard = new TextDecoder().decode(bytes);
    if (heard === `from the ${from}`) continue;
    return [`what the ${from} sent came as ${JSON.stringify(heard)}`];
  }
  return [];
}

/** A record as long as one of application data, that nobody sealed. */
const FORGED = new Uint8Array([23, 3, 3, 0, 32, ...new Uint8Array(32)]);

/** A connection that is closed is closed in good order, and others aren't. */
export async function endViolations(
  pair: TlsPair,
  end: ScenarioEnd,
): Promise<string[]> {
  if (end === "cut") pair.network.end("client");
  if (end === "close") await pair.close();
  if (end === "forged") {
    try {
      pair.server.receive(FORGED);
    } catch {
      // It is kept in `error`, and the client is told.
    }
  }
  await pair.run();
  const due = end === "close" ? "closed" : "failed";
  return ([["client", pair.client], ["server", pair.server]] as const)
    .filter(([, { state }]) => state !== due)
    .map(([name, { state }]) =>
      `the ${name} is ${state} after the end by "${end}", not ${due}`
    );
}
