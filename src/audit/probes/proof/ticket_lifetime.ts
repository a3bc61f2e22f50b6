import type { Probe, ProbeResult } from "../../probe.ts";
import { control, needsResumption } from "../trial.ts";

const WEEK_SECONDS = 604_800;
const DAY_SECONDS = 86_400;
/** How long after an end a session is offered. */
const LATE_SECONDS = 60;
const MS = 1000;

const hinted: Probe = {
  id: "proof/ticket-lifetime",
  title: "Tickets say that they live at most seven days",
  severity: "medium",
  kinds: ["tls1.2-ticket", "tls1.3"],
  needs: [],
  connections: 2,
  references: ["RFC 8446, 4.6.1", "RFC 5077, 3.3", "RFC 9325, 3.4"],
  explain: {
    sends: "A full handshake, and a resumption of its session.",
    expects:
      "Tickets whose lifetime is at most 604800 seconds. TLS 1.3 forbids more; in TLS 1.2 it is a warning. The finding also has the lifetime of the ticket that a resumption gives: if it isn't shorter, chains of resumptions may have no end (`proof/chain` tells, with a clock).",
    why:
      "As long as a session can be resumed, the server's certificate isn't checked again, and the keys of its connections depend on a secret that the server keeps.",
  },
  advice:
    "Set the session timeout to seven days or less: a day is enough for nearly all clients",
  async run(probing): Promise<ProbeResult> {
    const session = await probing.session();
    const { sessions } = await probing.visit({ session });
    const renewed = sessions.find(({ kind }) => kind === probing.kind);
    const lifetimeSeconds = session.lifetimeSeconds || null;
    const renewedLifetimeSeconds = renewed?.lifetimeSeconds || null;
    const facts = { lifetimeSeconds, renewedLifetimeSeconds };
    const longest = Math.max(
      lifetimeSeconds ?? 0,
      renewedLifetimeSeconds ?? 0,
    );
    if (longest === 0) {
      return {
        verdict: "pass",
        summary: "The server's tickets don't say how long they live",
        facts,
      };
    }
    const summary = `Tickets live ${lifetimeSeconds ?? "unsaid"} seconds, ${
      renewed === undefined
        ? "and a resumption gives no new one"
        : `those of resumptions ${renewedLifetimeSeconds ?? "unsaid"}`
    }`;
    if (longest <= WEEK_SECONDS) return { verdict: "pass", summary, facts };
    const isForbidden = probing.kind === "tls1.3";
    return { verdict: isForbidden ? "fail" : "warn", summary, facts };
  },
};

const honoured: Probe = {
  id: "proof/past-lifetime",
  title: "No session is resumed after seven days, or a day without a hint",
  severity: "medium",
  kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
  needs: ["clock"],
  connections: 4,
  references: ["RFC 8446, 4.6.1", "RFC 5246, F.1.4", "RFC 9325, 3.4"],
  explain: {
    sends:
      "A session, seven days and a minute after it was made, or a day and a minute if nothing said how long it lives.",
    expects:
      "A full handshake. In TLS 1.2, whose limits are recommendations, a resumption is a warning.",
    why:
      "The lifetime in a ticket only tells the client when to discard it. A stolen session can be used for as long as the server resumes it.",
  },
  advice:
    "Compare the age of sessions at the server, and set the session timeout to a day or less",
  async run(probing): Promise<ProbeResult> {
    needsResumption(probing);
    const session = await probing.session();
    const { lifetimeSeconds, kind } = session;
    const limit = lifetimeSeconds ? WEEK_SECONDS : DAY_SECONDS;
    const late = limit + LATE_SECONDS;
    await control(probing);
    await probing.advance(late * MS);
    const { resumed } = await probing.visit({
      session: session.with({ lifetimeSeconds: late + LATE_SECONDS }),
      title: `A session that is ${late} seconds old`,
    });
    const facts = { lifetimeSeconds, ageSeconds: late, resumed };
    if (!resumed) {
      return {
        verdict: "pass",
        summary: `A session that is ${late} seconds old isn't resumed`,
        facts,
      };
    }
    return {
      verdict: kind === "tls1.3" ? "fail" : "warn",
      summary: `A session that is ${late} seconds old is resumed${
        lifetimeSeconds
          ? `, though its ticket said ${lifetimeSeconds} seconds`
          : ""
      }`,
      facts,
    };
  },
};

/** How long sessions live: what tickets say, and what the server does. */
export const probes: readonly Probe[] = [hinted, honoured];
