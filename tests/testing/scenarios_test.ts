import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  assertScenario,
  runScenario,
  type Scenario,
} from "../../src/testing/scenario.ts";
import { ALPN } from "../scenarios/alpn.ts";
import {
  CIPHERS,
  CIPHERS_OF_SESSIONS,
  KEY_EXCHANGES,
} from "../scenarios/ciphers.ts";
import {
  CLIENT_CREDENTIALS,
  CLIENT_SESSIONS,
  CLIENTS_NOT_ASKED,
} from "../scenarios/client_auth.ts";
import { EARLY_DATA } from "../scenarios/early_data.ts";
import { NETWORKS } from "../scenarios/failures.ts";
import {
  BAD_SERVERS,
  GOOD_SERVERS,
  KEY_TYPES,
} from "../scenarios/server_certificates.ts";
import { ENDS } from "../scenarios/ends.ts";
import { SESSIONS } from "../scenarios/sessions.ts";
import { COMMIT, STORE_FAULTS } from "../scenarios/store_faults.ts";
import { SNI } from "../scenarios/sni.ts";
import { TICKET_CHAINS, TICKET_COUNTS, TICKETS } from "../scenarios/tickets.ts";
import { ACROSS_VERSIONS, VERSION_MATRIX } from "../scenarios/versions.ts";

const FAMILIES: Readonly<Record<string, readonly Scenario[]>> = {
  "sessions in stores": SESSIONS,
  "stores that fail": [...STORE_FAULTS, ...COMMIT],
  "ends of connections": ENDS,
  "tickets": [...TICKETS, ...TICKET_COUNTS, ...TICKET_CHAINS],
  "sessions across versions": ACROSS_VERSIONS,
  "ciphers": [...CIPHERS, ...CIPHERS_OF_SESSIONS],
  "key exchanges": KEY_EXCHANGES,
  "client authentication": [
    ...CLIENT_CREDENTIALS,
    ...CLIENTS_NOT_ASKED,
    ...CLIENT_SESSIONS,
  ],
  "server certificates": [...GOOD_SERVERS, ...BAD_SERVERS, ...KEY_TYPES],
  "server names": SNI,
  "application protocols": ALPN,
  "early data": EARLY_DATA,
  "networks": NETWORKS,
  "ranges of versions": VERSION_MATRIX,
};

const ALL = Object.values(FAMILIES).flat();

for (const [family, scenarios] of Object.entries(FAMILIES)) {
  describe(`Scenarios: ${family}`, () => {
    for (const scenario of scenarios) {
      it(scenario.name, () => assertScenario(scenario));
    }
  });
}

describe("The scenarios", () => {
  it("are many, even without the ranges of versions", () => {
    const count = ALL.length - VERSION_MATRIX.length;
    assert(count >= 150, `${count} scenarios`);
  });

  it("have each a name of its own", () => {
    const names = ALL.map(({ name }) => name);
    assertEquals(names.filter((name, i) => names.indexOf(name) !== i), []);
  });

  it("are plain data", () => {
    assertEquals(JSON.parse(JSON.stringify(ALL)), ALL);
  });

  it("happen again, byte by byte, with the same seed", async () => {
    const transcripts = async (scenario: Scenario, seed: string) => {
      const { traces } = await runScenario(scenario, { seed });
      return traces.map((trace) => trace?.transcript ?? null);
    };
    for (const scenario of ALL.filter((_, i) => i % 20 === 0)) {
      const once = await transcripts(scenario, "again");
      assertEquals(await transcripts(scenario, "again"), once, scenario.name);
    }
  });
});
