import type { Hello, HelloAnswer } from "../../client/hello_types.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import { answerText, offer } from "../attempts.ts";
import { setIdentity } from "../hello_edits.ts";
import { needsResumption } from "../trial.ts";

/** Of each kind of hello, this many for each sample. */
const PER_SAMPLE = 3;

const randomIds: Probe = {
  id: "proof/random-ids",
  title: "Random ids are never resumed",
  severity: "critical",
  kinds: ["tls1.2-id", "tls1.3"],
  needs: [],
  connections: ({ samples }) => 1 + PER_SAMPLE * samples,
  references: ["RFC 5246, F.1.4", "RFC 8446, 4.2.11"],
  explain: {
    sends:
      "In turn: a session under a random id or ticket, the session itself, and a hello without a session, as many times as `--samples` says.",
    expects:
      "No resumption of a random id. The times of the three, as medians, are facts: they show what a look-up costs, and are no verdict.",
    why:
      "If ids can be guessed, others can resume the sessions. If a look-up takes long, hellos with random ids are a cheap attack.",
  },
  advice: "Choose ids at random, of 16 bytes or more, and compare all of them",
  run: measure,
};

async function measure(probing: Probing): Promise<ProbeResult> {
  needsResumption(probing);
  const { kind, samples } = probing;
  const session = await probing.session();
  const named = kind === "tls1.2-id" ? session.id : session.ticket;
  const bytes = named?.length ?? 0;
  const times = {
    unknown: [] as number[],
    known: [] as number[],
    none: [] as number[],
  };
  const randomly = (hello: Hello): void =>
    setIdentity(hello, kind, probing.random(bytes));
  for (let i = 0; i < samples; i++) {
    const unknown = await offer(probing, {
      title: "A session under a random id",
      session,
      edit: randomly,
    });
    if (unknown.resumed) {
      return { verdict: "fail", summary: "A random id was resumed" };
    }
    times.unknown.push(timeOf(unknown));
    const known = await offer(probing, {
      title: "The session itself",
      session,
    });
    // Where sessions are used once, it isn't known any more.
    if (known.resumed) times.known.push(timeOf(known));
    const none = await offer(probing, { title: "No session" });
    times.none.push(timeOf(none));
  }
  if (times.known.length === 0) {
    throw new Error("The session itself wasn't resumed either");
  }
  return {
    verdict: "pass",
    summary: `Of ${samples} random ids none was resumed`,
    facts: {
      samples,
      idBytes: bytes,
      unknownMs: median(times.unknown),
      resumedMs: median(times.known),
      withoutSessionMs: median(times.none),
    },
  };
}

/** How long an answer took. */
function timeOf(answer: HelloAnswer): number {
  const { failure, ms } = answer;
  if (failure === null || failure.kind === "alert") return ms;
  throw new Error(`The server's answer was ${answerText(answer)}`);
}

/** The median, to a hundredth; null of nothing. */
function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  return middle === undefined ? null : Math.round(middle * 100) / 100;
}

/** The probe of random ids. */
export const probes: readonly Probe[] = [randomIds];
