import type { ClientSession } from "../../client/session.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import { controlled } from "./control.ts";
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
        "Keys that were agreed on for one cipher suite would be used with another, which somebody on the way may have chosen.",
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
        "A PSK belongs to one hash. By two hashes of one key, what TLS proves of its key schedule doesn't hold.",
    },
    advice:
      "Update the server's TLS library: it must select a PSK by the hash of the cipher suite",
    run: runOtherHash,
  },
];

async function runOtherCipher(probing: Probing): Promise<ProbeResult> {
  const made = suiteOf(await probing.session(), SUITES_12, probing);
  const version = "TLSv1.2";
  const tried: string[] = [];
  for (const hash of ["SHA256", "SHA384"]) {
    const others = SUITES_12.filter((suite) =>
      suite.hash === hash && suite !== made
    );
    const other = await chosenOf(probing, version, others);
    if (other === null) continue;
    tried.push(other.name);
    const session = await probing.session(only(version, [made]));
    const { resumed, cipherSuite } = await probing.hello({
      session,
      ...only(version, [other]),
      title: `A session with ${made.name}, offered with ${other.name}`,
    });
    if (resumed && cipherSuite === made.number) return notOffered(made, other);
    if (resumed) return resumedWith(made, other);
  }
  return await refused(probing, made, tried);
}

async function runOtherHash(probing: Probing): Promise<ProbeResult> {
  const version = "TLSv1.3";
  const made = await chosenOf(
    probing,
    version,
    SUITES_13.filter(({ hash }) => hash === "SHA256"),
  ) ?? suiteOf(await probing.session(), SUITES_13, probing);
  const own = only(version, [made]);
  const other = await chosenOf(
    probing,
    version,
    SUITES_13.filter(({ hash }) => hash !== made.hash),
  );
  if (other === null) return await refused(probing, made, []);
  const sameHashResumed = await resumesSameHash(probing, made);
  const session = await probing.session(own);
  // The server knows the session's hash. The client computes the binder by either.
  const byOther = session.with({ cipherSuite: other.number });
  for (const offered of [session, byOther]) {
    const { resumed } = await probing.hello({
      session: offered,
      ...only(version, [other]),
      title: `A session with ${made.name}, offered with ${other.name}`,
    });
    if (resumed) return resumedWith(made, other);
  }
  const result = await refused(probing, made, [other.name]);
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
  const { resumed } = await probing.hello({
    session,
    ...only(version, [other]),
    title: `A session with ${made.name}, offered with ${other.name}`,
  });
  return resumed;
}

function resumedWith(made: Suite, other: Suite): ProbeResult {
  return {
    verdict: "fail",
    summary:
      `A session made with ${made.name} is resumed by a client that offers ${other.name} alone`,
    facts: { cipher: made.name, offered: other.name },
  };
}

/** The server keeps to the session, and not to the ClientHello. */
function notOffered(made: Suite, other: Suite): ProbeResult {
  return {
    verdict: "warn",
    severity: "low",
    summary:
      `A session made with ${made.name} is resumed with it, though the client offers ${other.name} alone`,
    facts: { cipher: made.name, offered: other.name },
  };
}

async function refused(
  probing: Probing,
  made: Suite,
  tried: readonly string[],
): Promise<ProbeResult> {
  if (tried.length === 0) {
    probing.notApplicable(
      `The server has no cipher suite besides ${made.name} that could be offered`,
    );
  }
  await controlled(
    probing,
    only(probing.kind === "tls1.3" ? "TLSv1.3" : "TLSv1.2", [made]),
  );
  return {
    verdict: "pass",
    summary: `A session made with ${made.name} is not resumed with ${
      tried.join(" or ")
    }`,
    facts: { cipher: made.name, offered: tried },
  };
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
