import {
  runScenario,
  type Scenario,
  type ScenarioMismatch,
} from "../../../src/testing/scenario.ts";

/** A resumption with early data, about which all is said. */
export const WELL: Scenario = {
  name: "all goes well",
  server: {
    store: "memory",
    singleUse: true,
    maxEarlyData: 100,
    alpnProtocols: ["h2"],
    clientAuth: "request",
  },
  client: { certificate: "client", alpnProtocols: ["h2"] },
  expect: { result: "success" },
  then: [{
    reconnect: { earlyData: "hello" },
    expect: {
      result: "success",
      alert: null,
      clientError: null,
      serverError: null,
      protocol: "TLSv1.3",
      cipher: "TLS_CHACHA20_POLY1305_SHA256",
      signature: null,
      group: "X25519MLKEM768",
      alpn: "h2",
      serverName: "localhost",
      resumed: true,
      from: "store",
      reason: null,
      sessionId: "echoed",
      tickets: 1,
      ticketLifetime: 7200,
      sessions: 1,
      helloRetry: false,
      certificateRequest: false,
      serverCertificate: "CN=localhost",
      clientCertificate: "CN=client,O=Test",
      earlyData: "accepted",
      lookups: 1,
      writes: 1,
      deletions: 0,
      storeErrors: 0,
      injected: 0,
      elapsed: 0,
    },
  }],
};

/** A handshake that fails, about which all is said that is something else then. */
export const BADLY: Scenario = {
  name: "all goes badly",
  server: { certificate: "expired" },
  expect: {
    result: "client-fails",
    alert: { from: "client", name: "certificate_expired" },
    clientError: "certificate has expired",
    serverError: "alert certificate expired",
    resumed: null,
    protocol: null,
    earlyData: null,
    sessionId: "echoed",
    tickets: 0,
  },
};

/** The expectations that weren't met, of a scenario with more or other options. */
export async function unmet(scenario: Scenario): Promise<
  ScenarioMismatch["expectation"][]
> {
  const { mismatches } = await runScenario(scenario);
  return mismatches.map(({ expectation }) => expectation);
}
