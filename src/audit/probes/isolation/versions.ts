import type { ClientSession } from "../../client/session.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import { type Attempt, refusalOf, tryUntilResumed } from "../attempts.ts";
import { confirmResumption, CONTROL_CONNECTIONS } from "./control.ts";
import { chosenOf, only, type Suite, SUITES_12, SUITES_13 } from "./suites.ts";

/** The longest session id. */
const MAX_SESSION_ID_BYTES = 32;

/** A session of one protocol version, offered in the other. */
export const probes: readonly Probe[] = [{
  id: "isolation/other-version",
  title:
    "A session is resumed in the protocol version alone that it was made in",
  severity: "high",
  kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
  needs: [],
  connections: 7 + CONTROL_CONNECTIONS,
  references: [
    "CVE-2026-93831",
    "RFC 8446, 4.2.11",
    "RFC 8446, D.2",
    "RFC 5246, E.1",
  ],
  explain: {
    sends:
      "A session id or ticket of TLS 1.2 as the PSK identity of a ClientHello of TLS 1.3, with a binder by the master secret; a ticket of TLS 1.3 as the ticket, and if it is short enough as the session id, of a ClientHello of TLS 1.2.",
    expects: "A full handshake, or an alert.",
    why:
      "Secrets of one version would be used as keys of the other, and a client could be led to a version that the session was not made for.",
  },
  advice:
    "Update the server's TLS library (Mbed TLS: later than 3.6.7, 4.1.1 and 4.2.0): it must compare the session's version with the connection's. Use other ticket keys for each version",
  run: runOtherVersion,
}];

async function runOtherVersion(probing: Probing): Promise<ProbeResult> {
  const { kind, survey } = probing;
  if (survey.versions.length < 2) {
    probing.notApplicable(
      `The server speaks ${survey.versions.join()} alone`,
    );
  }
  const version = kind === "tls1.3" ? "TLSv1.2" : "TLSv1.3";
  const all = kind === "tls1.3" ? SUITES_12 : SUITES_13;
  const suite = await chosenOf(probing, version, all);
  if (suite === null) {
    probing.notApplicable(`The probe knows no cipher suite for ${version}`);
  }
  const tried = await tryUntilResumed(
    probing,
    await attemptsOf(probing, suite),
  );
  const result = refusalOf(tried, {
    passes: `A session made in ${madeIn(kind)} is refused in ${version}`,
    facts: { made: madeIn(kind), offeredIn: version },
  });
  if (result.verdict === "pass") await confirmResumption(probing);
  return result;
}

function madeIn(kind: Probing["kind"]): string {
  return kind === "tls1.3" ? "TLSv1.3" : "TLSv1.2";
}

/**
 * Hellos that offer a session in the other version: without the extended master secret, too,
 * as TLS 1.3 doesn't know it and a server may refuse the session for the difference alone.
 */
async function attemptsOf(
  probing: Probing,
  suite: Suite,
): Promise<Attempt[]> {
  const { kind } = probing;
  const attempts: Attempt[] = [];
  for (const extendedMasterSecret of [true, false]) {
    const { sessions } = await probing.visit({ extendedMasterSecret });
    const session = sessions.find((one) => one.kind === kind);
    if (session === undefined) continue;
    attempts.push(
      ...(kind === "tls1.3" ? inTls12(session, suite) : inTls13(session, suite))
        .map((attempt) => ({ ...attempt, extendedMasterSecret })),
    );
  }
  return attempts;
}

function inTls13(session: ClientSession, suite: Suite): Attempt[] {
  const version = "TLSv1.3";
  return [{
    version,
    ...only(version, [suite]),
    session: session.with({
      version,
      cipherSuite: suite.number,
      ticket: session.ticket ?? session.id,
    }),
    title: "A session of TLS 1.2 as a PSK of TLS 1.3",
  }];
}

function inTls12(session: ClientSession, suite: Suite): Attempt[] {
  const version = "TLSv1.2";
  const common = { version, ...only(version, [suite]) } as const;
  const ticket = session.ticket ?? session.id;
  return [
    {
      ...common,
      tickets: true,
      session: session.with({ version, cipherSuite: suite.number }),
      title: "A PSK of TLS 1.3 as a ticket of TLS 1.2",
    },
    ...(ticket.length > MAX_SESSION_ID_BYTES ? [] : [{
      ...common,
      tickets: false,
      edit: (hello: { sessionId: Uint8Array }): void => {
        hello.sessionId = ticket;
      },
      title: "A PSK of TLS 1.3 as a session id of TLS 1.2",
    }]),
  ];
}
