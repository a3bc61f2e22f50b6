import type { EarlyDataStatus } from "../../tls/peer/connection_info.ts";
import type { Resumption } from "../../tls/sessions/resumption.ts";
import type { SessionStats } from "../../tls/sessions/session_stats.ts";
import type { ScenarioEnd, ScenarioNetwork } from "./types.ts";
import type { TlsPair } from "../pair.ts";
import type { Trace } from "../trace.ts";

/** A server's statistics must count each handshake once, by its resumption. */
export function statisticsViolations(
  resumption: Resumption | null,
  before: readonly SessionStats[],
  after: readonly SessionStats[],
): string[] {
  const counted = handshakes(after) - handshakes(before);
  const due = resumption === null ? 0 : 1;
  if (counted !== due) {
    return [
      `the server's statistics count ${counted} handshakes, expected ${due}`,
    ];
  }
  if (resumption === null) return [];
  if (outcomes(resumption, after) - outcomes(resumption, before) === 1) {
    return [];
  }
  const word = resumption.resumed ? resumption.from : resumption.reason;
  return [`the server reports ${word}, which its statistics don't count`];
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

/** A server must have read early data exactly if the client reports it as accepted. */
export function earlyDataViolations(
  read: Uint8Array,
  sent: string,
  status: EarlyDataStatus | null,
): string[] {
  const text = new TextDecoder().decode(read);
  const due = status === "accepted" ? sent : "";
  // Without a complete handshake the client reports nothing.
  if (status === null || text === due) return [];
  return [
    `the server read ${JSON.stringify(text)} as early data, expected ${
      JSON.stringify(due)
    }`,
  ];
}

/** The beginnings of the network's notes about violations, after the direction. */
const NETWORK_NOTES = {
  corrupt: "byte ",
  drop: "a reset after ",
  truncate: "the end after ",
} as const;

/** Each planned fault of the network must happen. */
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

/** Both endpoints must report the same parameters and derive the same keys. */
export function agreementViolations(
  { client, server }: Pick<TlsPair, "client" | "server">,
): string[] {
  const violations: string[] = [];
  for (
    const name of ["protocol", "cipher", "alpnProtocol", "resumed"] as const
  ) {
    const [one, other] = [client.info?.[name], server.info?.[name]];
    if (one === other) continue;
    violations.push(`the client reports ${name} ${one}, the server ${other}`);
  }
  const [one, other] = [client, server].map((engine) =>
    engine.exportKeyingMaterial(32, "EXPERIMENTAL scenario").join()
  );
  if (one !== other) violations.push("the endpoints derive different keys");
  return violations;
}

/** Data that either endpoint sends must reach its peer. */
export async function dataViolations(pair: TlsPair): Promise<string[]> {
  for (const from of ["client", "server"] as const) {
    const bytes = await pair.say(from, `from the ${from}`);
    const heard = new TextDecoder().decode(bytes);
    if (heard === `from the ${from}`) continue;
    return [`the data of the ${from} arrived as ${JSON.stringify(heard)}`];
  }
  return [];
}

/** A record of application data that nobody encrypted. */
const FORGED = new Uint8Array([23, 3, 3, 0, 32, ...new Uint8Array(32)]);

/** Both endpoints must be closed after `"close"`, and failed after the other ends. */
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
      // The engine keeps it in `error`, and sends an alert.
    }
  }
  await pair.run();
  const due = end === "close" ? "closed" : "failed";
  return ([["client", pair.client], ["server", pair.server]] as const)
    .filter(([, { state }]) => state !== due)
    .map(([name, { state }]) =>
      `the ${name} is ${state} after the end "${end}", expected ${due}`
    );
}
