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

/** A trace, or an object with one, such as a pair of engines. */
export type Traced = Trace | { readonly trace: Trace };

/** The error of a failed assertion, which test runners recognize by its name. */
export class AssertionError extends Error {
  /** `"AssertionError"`. */
  override readonly name: string = "AssertionError";
}

/**
 * Asserts that each traced endpoint reports that the handshake resumed a session.
 *
 * @param traced The trace.
 * @param from The source that the server must report, or `"session"`, which a client reports.
 * @throws {AssertionError} If it didn't resume one, or from another source.
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
 * Asserts that each traced endpoint reports that the handshake resumed no session.
 *
 * @param traced The trace.
 * @param reason The reason that the server or the client must report.
 * @throws {AssertionError} If it resumed one, or for another reason.
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
 * Asserts that an endpoint sent an alert, whether its peer received it or not.
 *
 * @param traced The trace.
 * @param from The sender.
 * @param name The name in the RFCs, such as `"unknown_ca"`, or in OpenSSL, as in
 * `TlsError.alert`: `"unknown CA"`.
 * @throws {AssertionError} If it didn't send the alert.
 * @throws {TypeError} If there is no alert of that name, or no such endpoint.
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
    throw new TypeError(
      `name must be the name of an alert, received ${received(name)}`,
    );
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

/** The name of an alert in the RFCs, and that in OpenSSL if it differs. */
function bothNames(name: string): string {
  const words = alertInWords(name);
  return words === name ? name : `${name} ("${words}")`;
}

/**
 * Asserts that an endpoint sent exactly these messages in one flight. ChangeCipherSpec and
 * application data count only if the list has them.
 *
 * @param traced The trace.
 * @param expected The messages in order: names of handshake messages and of alerts,
 * `"ChangeCipherSpec"`, `"ApplicationData"`.
 * @param from The sender. By default either endpoint.
 * @throws {AssertionError} If there is no such flight.
 * @throws {TypeError} If there is no such endpoint.
 *
 * @example The flight of a server in TLS 1.3
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

/** The names of the messages of a flight that count. */
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

/** The outcomes of the traced endpoints, of which there must be one. */
function outcomesOf(trace: Trace): [Endpoint, TraceOutcome][] {
  const { client, server } = trace.outcome;
  const ends: [Endpoint, TraceOutcome][] = [];
  if (server) ends.push(["server", server]);
  if (client) ends.push(["client", client]);
  if (ends.length === 0) {
    throw new TypeError("The trace's recorder watches neither endpoint");
  }
  return ends;
}

function found(resumption: Resumption | null): string {
  if (resumption === null) return "no complete handshake";
  return resumption.resumed
    ? `resumed from ${resumption.from}`
    : `not resumed: ${resumption.reason}`;
}

function fail(trace: Trace, expected: string, found: string): never {
  throw new AssertionError(
    `${expected}, found: ${found}\n\n${trace.toLadder()}`,
  );
}
