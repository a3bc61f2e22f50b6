import type { ClientSession } from "../../client/session.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import {
  type Attempt,
  offer,
  refusalOf,
  type Tried,
  tryUntilResumed,
} from "../attempts.ts";
import { confirmResumption } from "./control.ts";
import { chosenOf, only, type Suite, SUITES_12, SUITES_13 } from "./suites.ts";

/** A session of one cipher suite, offered with another. */
export const probes: readonly Probe[] = [
  {
    id: "isolation/other-cipher",
    title: "A session of TLS 1.2 is resumed with its own cipher suite alone",
    severity: "high",
    kinds: ["tls1.2-id", "tls1.2-ticket"],
    needs: [],
    connections: 9,
    references: ["RFC 5246, 7.4.1.2", "RFC 5246, 7.4.1.3"],
    explain: {
      sends:
        "A session in ClientHellos that don't offer its cipher suite, but another one: with the same hash, and with another.",
      expects:
        "A full handshake, or an alert, as clients must offer the session's cipher suite.",
      why:
        "Keys that were agreed on for one cipher suite would be used with another, which an attacker on the path may have chosen.",
    },
    advice:
      "Update the server's TLS library: it must compare the session's cipher suite with those of the ClientHello",
    run: runOtherCipher,
  },
  {
    id: "isolation/other-hash",
    title:
      "A session of TLS 1.3 is resumed with cipher suites of its hash alone",
    severity: "high",
    kinds: ["tls1.3"],
    needs: [],
    connections: 11,
    references: ["RFC 8446, 4.2.11", "RFC 8446, 4.6.1"],
    explain: {
      sends:
        "A session in ClientHellos whose only cipher suite has another hash, with a binder by the session's hash and with one by the other; and one with another suite of the same hash.",
      expects:
        "A full handshake, or an alert, for another hash. With the same hash the server may resume.",
      why:
        "A PSK belongs to one hash. The security proofs of TLS 1.3 assume that a key isn't used with two.",
    },
    advice:
      "Update the server's TLS library: it must select a PSK by the hash of the cipher suite",
    run: runOtherHash,
  },
];

async function runOtherCipher(probing: Probing): Promise<ProbeResult> {
  const made = suiteOf(await probing.session(), SUITES_12, probing);
  const tried = await tryUntilResumed(probing, othersInTls12(probing, made));
  const last = tried.at(-1);
  if (last?.answer.resumed && last.answer.cipherSuite === made.number) {
    return {
      verdict: "warn",
      severity: "low",
      summary: `Resumed with ${made.name}, which isn't offered: ${last.title}`,
      facts: { cipher: made.name },
    };
  }
  return await judged(probing, made, tried);
}

/** Another cipher suite with each hash, if the server has one. */
async function* othersInTls12(
  probing: Probing,
  made: Suite,
): AsyncGenerator<Attempt> {
  const version = "TLSv1.2";
  for (const hash of ["SHA256", "SHA384"]) {
    const others = SUITES_12.filter((suite) =>
      suite.hash === hash && suite !== made
    );
    const other = await chosenOf(probing, version, others);
    if (other === null) continue;
    const session = await probing.session(only(version, [made]));
    yield attempt(version, { session, made, other });
  }
}

async function runOtherHash(probing: Probing): Promise<ProbeResult> {
  const version = "TLSv1.3";
  const made = await chosenOf(
    probing,
    version,
    SUITES_13.filter(({ hash }) => hash === "SHA256"),
  ) ?? suiteOf(await probing.session(), SUITES_13, probing);
  const other = await chosenOf(
    probing,
    version,
    SUITES_13.filter(({ hash }) => hash !== made.hash),
  );
  if (other === null) return await judged(probing, made, []);
  const sameHashResumed = await resumesSameHash(probing, made);
  const session = await probing.session(only(version, [made]));
  // The server knows the session's hash. The client computes the binder by either.
  const byOther = session.with({ cipherSuite: other.number });
  const tried = await tryUntilResumed(probing, [
    attempt(version, { session, made, other }),
    attempt(version, { session: byOther, made, other }),
  ]);
  const result = await judged(probing, made, tried);
  return { ...result, facts: { ...result.facts, sameHashResumed } };
}

/** Whether another suite of the same hash will do, as it may; null if there is none. */
async function resumesSameHash(
  probing: Probing,
  made: Suite,
): Promise<boolean | null> {
  const version = "TLSv1.3";
  const other = await chosenOf(
    probing,
    version,
    SUITES_13.filter((suite) => suite.hash === made.hash && suite !== made),
  );
  if (other === null) return null;
  const session = await probing.session(only(version, [made]));
  const { resumed } = await offer(
    probing,
    attempt(version, { session, made, other }),
  );
  return resumed;
}

function attempt(
  version: "TLSv1.2" | "TLSv1.3",
  { session, made, other }: {
    session: ClientSession;
    made: Suite;
    other: Suite;
  },
): Attempt {
  return {
    session,
    version,
    ...only(version, [other]),
    title: `A session made with ${made.name}, offered with ${other.name}`,
  };
}

async function judged(
  probing: Probing,
  made: Suite,
  tried: readonly Tried[],
): Promise<ProbeResult> {
  if (tried.length === 0) {
    probing.notApplicable(
      `The server has no cipher suite besides ${made.name} that could be offered`,
    );
  }
  const result = refusalOf(tried, {
    passes: `A session made with ${made.name} is refused with others`,
    facts: { cipher: made.name },
  });
  if (result.verdict === "fail") return result;
  const version = probing.kind === "tls1.3" ? "TLSv1.3" : "TLSv1.2";
  await confirmResumption(probing, only(version, [made]));
  return result;
}

function suiteOf(
  { cipher }: ClientSession,
  suites: readonly Suite[],
  probing: Probing,
): Suite {
  return suites.find(({ name }) => name === cipher) ??
    probing.notApplicable(
      `The probe knows no cipher suite to offer in place of ${cipher}`,
    );
}
