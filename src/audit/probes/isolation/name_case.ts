import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import { VISITED_CONNECTIONS } from "../admission.ts";
import { hostNameOf, sameTerms, type Terms, termsAt } from "./name_terms.ts";

/** A name in capitals, by which a server may find another host than by the name. */
export const probes: readonly Probe[] = [{
  id: "isolation/name-case",
  title: "A name in capitals has the terms of the name in lower case",
  severity: "high",
  kinds: [],
  needs: [],
  connections: 8 * VISITED_CONNECTIONS,
  references: ["RFC 4343, 3", "RFC 6066, 3", "CVE-2026-48928"],
  explain: {
    sends:
      "Full handshakes with the name in lower case and in capitals, with a client certificate, if there is one, and without.",
    expects:
      "The same certificate, the same request for a client certificate and the same answer: names of DNS don't differ by case.",
    why:
      "If the server finds its default host by the name in capitals, a client avoids what the host requires, such as a client certificate, and then names that host in its HTTP request.",
  },
  advice:
    "Convert server names to lower case before the host is chosen (Node: update to a release with the fix of CVE-2026-48928)",
  run: runNameCase,
}];

async function runNameCase(probing: Probing): Promise<ProbeResult> {
  const name = hostNameOf(probing).toLowerCase();
  const capitals = name.toUpperCase();
  let [lower, upper] = await both(probing, name, capitals);
  if (differ(probing, lower, upper)) {
    // What differs between two connections to one name says nothing of names.
    const [lowerAgain, upperAgain] = await both(probing, name, capitals);
    if (
      differ(probing, lower, lowerAgain) || differ(probing, upper, upperAgain)
    ) {
      throw new Error("The server answered the same name in different ways");
    }
    [lower, upper] = [lowerAgain, upperAgain];
  }
  const facts = {
    sameCertificate: lower.usual.certificate === upper.usual.certificate,
    requested: lower.usual.certificateRequested,
    requestedInCapitals: upper.usual.certificateRequested,
  };
  if (!differ(probing, lower, upper)) {
    return {
      verdict: "pass",
      summary: `${capitals} is served like ${name}`,
      facts,
    };
  }
  if (
    upper.anonymous.admitted && !lower.anonymous.admitted ||
    lower.usual.certificateRequested && !upper.usual.certificateRequested
  ) {
    return {
      verdict: "fail",
      summary:
        `As ${capitals} the server does without the client certificate that it asks for as ${name}`,
      facts,
    };
  }
  return {
    verdict: "warn",
    severity: "low",
    summary: `${capitals} is served otherwise than ${name}`,
    facts,
  };
}

/** The terms of one client, and of another. */
interface Clients {
  readonly usual: Terms;
  readonly anonymous: Terms;
}

async function both(
  probing: Probing,
  name: string,
  capitals: string,
): Promise<[Clients, Clients]> {
  const lower = await clientsAt(probing, name);
  return [lower, await clientsAt(probing, capitals)];
}

function differ(probing: Probing, one: Clients, other: Clients): boolean {
  return !sameTerms(probing, one.usual, other.usual) ||
    !sameTerms(probing, one.anonymous, other.anonymous);
}

/** The terms of a name for the usual client, and for one without a certificate. */
async function clientsAt(
  probing: Probing,
  name: string,
): Promise<Clients> {
  const version = "both";
  const usual = await termsAt(probing, { name, version });
  const anonymous = usual.certificateRequested
    ? await termsAt(probing, { name, version, certificate: "none" })
    : usual;
  return { usual, anonymous };
}
