import { concat } from "../../../internal/bytes.ts";
import type { Visit } from "../../client/visit_types.ts";
import type { Probe, ProbeResult } from "../../probe.ts";
import {
  attempted,
  ATTEMPTED_CONNECTIONS,
  earlySession,
  isAccepted,
  sendEarly,
} from "./early.ts";

/** The most that is sent. */
const MAX_BYTES = 65_536;
/** The length of a line of filling: shorter than what HTTP servers take for one. */
const LINE_BYTES = 1000;

const tooMuch: Probe = {
  id: "early-data/too-much",
  title: "More early data than the ticket allows ends the connection",
  severity: "low",
  kinds: ["tls1.3"],
  needs: [],
  connections: ATTEMPTED_CONNECTIONS + 1,
  references: ["RFC 8446, 4.2.10"],
  explain: {
    sends:
      "A resumption with one byte more of early data than the ticket allows, if that is no more than 64 KiB.",
    expects:
      "An alert, unexpected_message, or the end of the connection, whether or not the handshake is complete.",
    why:
      "The limit bounds what a server keeps in memory, or acts on, before it knows that the hello isn't a replay.",
  },
  advice:
    "Have the server count early data, and end the connection at max_early_data_size",
  async run(probing): Promise<ProbeResult> {
    const { maxEarlyData } = await earlySession(probing);
    if (maxEarlyData >= MAX_BYTES) {
      probing.notApplicable(
        `The server's tickets allow ${maxEarlyData} bytes, more than is sent for a probe`,
      );
    }
    const size = maxEarlyData + 1;
    const visit = await attempted(
      probing,
      async () =>
        await sendEarly(
          probing,
          (await earlySession(probing)).with({ maxEarlyData: size }),
          {
            title: `Early data of ${size} bytes`,
            earlyData: unfinished(probing.request, size),
            use: async (connection) => void await connection.read(),
          },
        ),
    );
    const facts = { maxEarlyDataBytes: maxEarlyData, sentBytes: size };
    if (visit.failure?.kind === "timeout") {
      throw new Error(
        `The server was silent after ${size} bytes of early data: ${visit.failure.message}`,
      );
    }
    if (visit.failure !== null) {
      // There are servers whose alert the client can't decrypt, or doesn't get to read.
      const alert = visit.failure.kind === "alert" ? visit.failure.alert : null;
      return {
        verdict: "pass",
        summary:
          `Early data of ${size} bytes, of ${maxEarlyData} that are allowed, ends the connection${
            alert === null ? "" : ` by the alert ${alert}`
          }`,
        facts,
      };
    }
    if (!isAccepted(visit)) {
      throw new Error(
        "Two attempts with early data of this size had all of it rejected",
      );
    }
    return {
      verdict: "fail",
      summary: `The server accepts ${size} bytes of early data, of ${
        allowed(visit, maxEarlyData)
      }`,
      facts,
    };
  },
};

function allowed({ data }: Visit, max: number): string {
  const answered = data.length > 0 ? ", and answers" : "";
  return `${max} that its ticket allows${answered}`;
}

/** An unfinished request of so many bytes, which a server doesn't answer. */
function unfinished(request: Uint8Array, size: number): Uint8Array {
  const text = new TextDecoder("latin1").decode(request);
  const start = text.endsWith("\r\n\r\n") ? request.subarray(0, -2) : request;
  const line = new TextEncoder().encode(`X: ${"a".repeat(LINE_BYTES)}\r\n`);
  const lines = Array.from(
    { length: Math.ceil(size / line.length) },
    () => line,
  );
  return concat([start, ...lines]).subarray(0, size);
}

/** More early data than allowed. */
export const probes: readonly Probe[] = [tooMuch];
