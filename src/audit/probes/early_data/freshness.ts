import type { Visit } from "../../client/visit_types.ts";
import type { Probe, ProbeResult } from "../../probe.ts";
import { toHex } from "../../../internal/bytes.ts";
import {
  attempted,
  ATTEMPTED_CONNECTIONS,
  earlySession,
  isAccepted,
  sendEarly,
} from "./early.ts";

const MS = 1000;
/** How long after its end a session is offered, and how much longer the client believes in it. */
const LATE_SECONDS = 60;
/** By how much the age of a ticket is wrong: sixty times what servers usually tolerate. */
const AGE_ERROR_SECONDS = 600;
/** RFC 8446, 4.6.1. */
const WEEK_SECONDS = 604_800;

const expired: Probe = {
  id: "early-data/expired",
  title: "Early data is rejected when its session has expired",
  severity: "high",
  kinds: ["tls1.3"],
  needs: ["clock"],
  connections: ATTEMPTED_CONNECTIONS + 1,
  references: ["RFC 8446, 4.6.1", "RFC 8446, 8.3"],
  explain: {
    sends:
      "A session with early data, a minute after the lifetime of its ticket has ended.",
    expects: "The early data is rejected.",
    why:
      "A server that doesn't look at the time accepts what was recorded long ago.",
  },
  advice: "Compare the age of a session before it is resumed",
  async run(probing): Promise<ProbeResult> {
    const { lifetimeSeconds } = await earlySession(probing);
    const lifetime = lifetimeSeconds ?? WEEK_SECONDS;
    const facts = { lifetimeSeconds: lifetime };
    const visit = await attempted(probing, async () => {
      const session = await earlySession(probing);
      await probing.advance((lifetime + LATE_SECONDS) * MS);
      return await sendEarly(
        probing,
        session.with({ lifetimeSeconds: lifetime + 2 * LATE_SECONDS }),
        { title: "Early data of a session that has expired" },
      );
    });
    return isAccepted(visit)
      ? {
        verdict: "fail",
        summary:
          `The server accepts early data ${LATE_SECONDS} seconds after the session's lifetime of ${lifetime} seconds`,
        facts,
      }
      : {
        verdict: "pass",
        summary: visit.resumed
          ? "The session is resumed after its lifetime, but its early data is rejected"
          : "Early data is rejected after the session's lifetime",
        facts,
      };
  },
};

const ticketAge: Probe = {
  id: "early-data/ticket-age",
  title: "Early data is rejected if the age of its ticket is wrong",
  severity: "high",
  kinds: ["tls1.3"],
  needs: [],
  connections: ATTEMPTED_CONNECTIONS + 1,
  references: ["RFC 8446, 8.2", "RFC 8446, 8.3"],
  explain: {
    sends:
      `A new session with early data and a ticket age of ${AGE_ERROR_SECONDS} seconds. If that is accepted, the same first flight again.`,
    expects:
      "The session may be resumed; the early data is rejected. A server that accepts the early data of each session once need not compare the age.",
    why:
      "A first flight that was recorded has the age that was right then. A server that compares it needs to remember early data only for seconds; one that doesn't, and doesn't remember, accepts it for days.",
  },
  advice:
    "Reject early data whose ticket age is off by more than ten seconds or so, or use each session once",
  async run(probing): Promise<ProbeResult> {
    let sendAgain = (): Promise<Visit> => Promise.reject(new Error());
    const visit = await attempted(probing, async () => {
      const session = await earlySession(probing);
      const lied = session.with({
        receivedAt: session.receivedAt - AGE_ERROR_SECONDS * MS,
        lifetimeSeconds: WEEK_SECONDS,
      });
      const flight = {
        seed: toHex(session.ticket ?? session.id),
        at: probing.now(),
      };
      sendAgain = () =>
        sendEarly(probing, lied, { ...flight, title: "The same again" });
      return await sendEarly(probing, lied, {
        ...flight,
        title: `Early data with a ticket age of ${AGE_ERROR_SECONDS} seconds`,
      });
    });
    if (!isAccepted(visit)) {
      return {
        verdict: "pass",
        summary:
          `Early data is rejected if the ticket's age is off by ${AGE_ERROR_SECONDS} seconds`,
        facts: { resumed: visit.resumed },
      };
    }
    const again = isAccepted(await sendAgain());
    return {
      verdict: again ? "fail" : "warn",
      ...(!again && { severity: "low" }),
      summary:
        `The server accepts early data whose ticket's age is off by ${AGE_ERROR_SECONDS} seconds, ${
          again ? "and accepts it again" : "but doesn't accept it again"
        }`,
      facts: { acceptedAgain: again },
    };
  },
};

/** Early data of an expired session, or with a wrong ticket age. */
export const probes: readonly Probe[] = [expired, ticketAge];
