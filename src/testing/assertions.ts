import { checkEndpoint, type Endpoint } from "./endpoint.ts";
import { received } from "../internal/received.ts";
import type {
  Resumption,
  ResumptionFailure,
  ResumptionSource,
} from "../tls/sessions/resumption.ts";
import type { TraceSentEvent } from "./trace/events.ts";
import { alertInWords, ALERTS } from "./trace/names.ts";
import type { Trace, TraceFlight, TraceOutcome } from "./trace.ts";

/** A trace, or what has one, such as a pair of engines. */
export type Traced = Trace | { readonly trace: Trace };

/** What an assertion throws. Test runners know it by its name. */
export class AssertionError extends Error {
  /** What test runners know it by. */
  override readonly name: string = "AssertionError";
}

/**
 * Asserts that the handshake resumed a session, by the word of each end that is watched.
 *
 * @param traced The trace.
 * @param from Where the server must have had it from, or `"session"`, of a client.
 * @throws {AssertionError} If it didn't, or from elsewhere.
 */
export function assertResumed(traced: Traced, from?: ResumptionSource): void {
  const trace = traceOf(traced);
  const wanted = from === undefined ? "" : ` from ${from}`;
  const ends = outcomesOf(trace);
  for (const [side, { resumption }] of ends) {
    if (resumption?.resumed !== true) {
      fail(
        trace,
        `Expected the ${side} to resume a session${wanted}`,
        found(resumption),
      );
    }
  }
  const sources = ends.map(([, { resumption }]) =>
    resumption?.resumed ? resumption.from : null
  );
  if (from !== undefined && !sources.includes(from)) {
    fail(
      trace,
      `Expected a session to be resumed${wanted}`,
      `resumed from ${sources.join(" and ")}`,
    );
  }
}

/**
 * Asserts that the handshake resumed no session, by the word of each end that is watched.
 *
 * @param traced The trace.
 * @param reason Why the server, or the client, must not have resumed.
 * @throws {AssertionError} If it did, or didn't for another reason.
 */
export function assertNotResumed(
  traced: Traced,
  reason?: ResumptionFailure,
): void {
  const trace = traceOf(traced);
  const wanted = reason === undefined ? "" : `, because of ${reason}`;
  const ends = outcomesOf(trace);
  for (const [side, { resumption }] of ends) {
    if (resumption?.resumed !== false) {
      fail(
        trace,
        `Expected the ${side} to resume no session${wanted}`,
        found(resumption),
      );
    }
  }
  const reasons = ends.map(([, { resumption }]) =>
    resumption?.resumed === false ? resumption.reason : null
  );
  if (reason !== undefined && !reasons.includes(reason)) {
    fail(
      trace,
      `Expected no session to be resumed${wanted}`,
      `not resumed: ${reasons.join(" and ")}`,
    );
  }
}

/**
 * Asserts that an end sent an alert, whether the other got it or not.
 *
 * @param traced The trace.
 * @param from Who sent it.
 * @param name Its name in the RFCs, such as `"unknown_ca"`, or in OpenSSL's words, as in
 * `TlsError.alert`: `"unknown CA"`.
 * @throws {AssertionError} If it didn't.
 * @throws {TypeError} If there is no alert of that name, or no such end.
 */
export function assertAlert(
  traced: Traced,
  from: Endpoint,
  name: string,
): void {
  checkEndpoint("from", from);
  const trace = traceOf(traced);
  const wanted = String(name).toLowerCase().replaceAll(" ", "_");
  if (![...ALERTS.values()].includes(wanted)) {
    throw new TypeError(`name must be an alert's, received ${received(name)}`);
  }
  const alerts = trace.events.filter((event) => event.type === "alert")
    .filter(({ arrival }) => arrival !== "injected");
  if (alerts.some((alert) => alert.from === from && alert.name === wanted)) {
    return;
  }
  fail(
    trace,
    `Expected the ${from} to send the alert ${bothNames(wanted)}`,
    alerts.length === 0
      ? "no alert"
      : alerts.map(({ name, from }) => `${bothNames(name)} from the ${from}`)
        .join(", "),
  );
}

/** An alert in the RFCs' words, and in OpenSSL's where they aren't the same. */
function bothNames(name: string): string {
  const words = alertInWords(name);
  return words === name ? name : `${name} ("${words}")`;
}

/**
 * Asserts that one end sent just these messages in one go. Changes of ciphers and
 * application data count only if the list has some.
 *
 * @param traced The trace.
 * @param expected The messages in order: names of handshake messages and of alerts,
 * `"ChangeCipherSpec"`, `"ApplicationData"`.
 * @param from Who must have sent them. By default either.
 * @throws {AssertionError} If no flight has these.
 * @throws {TypeError} If there is no such end.
 *
 * @example
 * ```ts
 * import { assertFlight, createTlsPair } from "@sesame/tls/testing";
 *
 * using pair = createTlsPair({ seed: 1 });
 * await pair.handshake();
 * assertFlight(pair, [
 *   "ServerHello",
 *   "EncryptedExtensions",
 *   "Certificate",
 *   "CertificateVerify",
 *   "Finished",
 * ], "server");
 * ```
 */
export function assertFlight(
  traced: Traced,
  expected: readonly string[],
  from?: Endpoint,
): void {
  if (from !== undefined) checkEndpoint("from", from);
  const trace = traceOf(traced);
  const flights = trace.flights.filter((flight) =>
    from === undefined || flight.from === from
  );
  const isThere = flights.some((flight) =>
    namesOf(flight, expected).join() === expected.join()
  );
  if (isThere) return;
  const found = flights.map((flight) =>
    `\n  ${flight.from}: ${namesOf(flight, expected).join(", ")}`
  );
  fail(
    trace,
    `Expected a flight${from === undefined ? "" : ` of the ${from}`} of ${
      expected.join(", ")
    }`,
    found.length === 0 ? "none" : found.join(""),
  );
}

/** What of a flight counts, by name. */
function namesOf(
  { events }: TraceFlight,
  expected: readonly string[],
): string[] {
  return events.filter(({ arrival }) => arrival !== "injected").map(nameOf)
    .filter((name) => !OPTIONAL.has(name) || expected.includes(name));
}

const OPTIONAL: ReadonlySet<string> = new Set([
  "ChangeCipherSpec",
  "ApplicationData",
]);

function nameOf(event: TraceSentEvent): string {
  switch (event.type) {
    case "handshake":
      return event.message.name;
    case "alert":
      return event.name;
    case "change_cipher_spec":
      return "ChangeCipherSpec";
    case "application_data":
      return "ApplicationData";
  }
}

function traceOf(traced: Traced): Trace {
  return "trace" in traced ? traced.trace : traced;
}

/** The ends that are watched: there must be one. */
function outcomesOf(trace: Trace): [Endpoint, TraceOutcome][] {
  const { client, server } = trace.outcome;
  const ends: [Endpoint, TraceOutcome][] = [];
  if (server) ends.push(["server", server]);
  if (client) ends.push(["client", client]);
  if (ends.length === 0) {
    throw new TypeError("The trace's recorder watches neither end");
  }
  return ends;
}

function found(resumption: Resumption | null): string {
  if (resumption === null) return "no handshake that was completed";
  return resumption.resumed
    ? `resumed from ${resumption.from}`
    : `not resumed: ${resumption.reason}`;
}

function fail(trace: Trace, expected: string, found: string): never {
  throw new AssertionError(
    `${expected}, found: ${found}\n\n${trace.toLadder()}`,
  );
}
