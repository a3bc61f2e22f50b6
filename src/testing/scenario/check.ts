import type {
  ScenarioCertificateOptions,
  ScenarioClient,
  ScenarioFault,
  ScenarioHost,
  ScenarioPeer,
  ScenarioServer,
  ScenarioStoreFault,
} from "./peers.ts";
import {
  type Check,
  defined,
  either,
  listOf,
  object,
  oneOf,
  orNull,
  recordOf,
  someText,
  typed,
} from "./validation.ts";
import type {
  Scenario,
  ScenarioConnection,
  ScenarioExpectation,
  ScenarioNetwork,
  ScenarioReconnect,
} from "./types.ts";

/**
 * Throws a `TypeError` unless a scenario has the shape of its type: it may come from a file,
 * where a misspelt name would have no effect.
 */
export function checkScenario(scenario: Scenario): void {
  const { name } = typeof scenario === "object" && scenario !== null
    ? scenario
    : {};
  try {
    SCENARIO(scenario, "");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TypeError(
      `Cannot run the scenario ${JSON.stringify(name)}: ${error.message}`,
    );
  }
}

const text: Check = typed("string");
const flag: Check = typed("boolean");
const count: Check = typed("number");
const texts: Check = listOf(text);

const STORE_FAULT = object<ScenarioStoreFault>({
  at: count,
  kind: text,
  ms: count,
  takesEffect: flag,
  xor: count,
}, ["kind"]);
/** The kind of fault that has each field. */
const KINDS: Readonly<
  Record<Exclude<keyof ScenarioStoreFault, "kind">, ScenarioStoreFault["kind"]>
> = { at: "corrupt", ms: "latency", takesEffect: "error", xor: "corrupt" };

const PEER: Readonly<Record<keyof ScenarioPeer, Check>> = {
  alpnProtocols: texts,
  certificate: either(
    text,
    object<ScenarioCertificateOptions>({
      commonName: text,
      hosts: texts,
      issuer: text,
      keyType: text,
      usage: text,
      validFrom: count,
      validUntil: count,
    }),
  ),
  configure: listOf(listOf(text)),
  maxSessionAge: count,
  sessionTimeout: count,
  maxVersion: text,
  minVersion: text,
  trust: texts,
};

const HOST: Readonly<Record<keyof ScenarioHost, Check>> = {
  ...PEER,
  clientAuth: text,
  commit: text,
  faults: listOf(object<ScenarioFault>({
    fault: storeFault,
    on: either(text, texts),
    when: object<NonNullable<ScenarioFault["when"]>>({
      calls: either(count, listOf(count)),
      probability: count,
    }),
  }, ["on", "fault"])),
  lookupTimeout: count,
  maxEarlyData: count,
  maxLookupsPerHello: count,
  sessionIdContext: text,
  sessionIdKey: texts,
  singleUse: flag,
  store: oneOf("memory", "own", "none"),
  tag: text,
  ticketKeys: texts,
  tickets: text,
  uncleanClose: text,
  writeTimeout: count,
};

const server: Check = object<ScenarioServer>({
  ...HOST,
  hosts: recordOf(either(oneOf("refuse"), object<ScenarioHost>(HOST))),
});
const client: Check = object<ScenarioClient>({ ...PEER, hostname: text });
/** The network checks the faults in `toServer` and `toClient`. */
const network: Check = object<ScenarioNetwork>({
  delay: count,
  fragment: count,
  toClient: typed("object"),
  toServer: typed("object"),
});
const end: Check = oneOf("close", "cut", "forged");

const expectation: Check = object<ScenarioExpectation>({
  alert: orNull(object<NonNullable<ScenarioExpectation["alert"]>>({
    from: oneOf("client", "server"),
    name: text,
  })),
  alpn: orNull(text),
  certificateRequest: flag,
  cipher: orNull(text),
  clientCertificate: orNull(text),
  clientError: orNull(someText),
  deletions: count,
  elapsed: count,
  earlyData: orNull(oneOf("none", "accepted", "rejected")),
  from: orNull(text),
  group: orNull(text),
  helloRetry: flag,
  injected: count,
  lookups: count,
  protocol: orNull(text),
  reason: orNull(text),
  result: oneOf(
    "success",
    "client-fails",
    "server-fails",
    "lost",
    "stalled",
    "client-refuses",
  ),
  resumed: orNull(flag),
  serverCertificate: orNull(text),
  serverError: orNull(someText),
  serverName: orNull(text),
  sessionId: orNull(oneOf("new", "echoed", "none")),
  sessions: count,
  signature: orNull(text),
  storeErrors: count,
  ticketLifetime: orNull(count),
  tickets: count,
  writes: count,
}, ["result"]);

const reconnect: Check = object<ScenarioConnection>({
  expect: expectation,
  reconnect: object<ScenarioReconnect>({
    client: either(oneOf("first"), client),
    earlyData: text,
    end,
    network,
    server: either(oneOf("first"), server),
    session: either(
      oneOf("newest", "first", "none"),
      object<{ of: number; ticket?: number }>(
        { of: count, ticket: count },
        ["of"],
      ),
    ),
  }),
}, ["reconnect", "expect"]);

const SCENARIO: Check = object<Scenario>({
  client,
  end,
  expect: expectation,
  name: text,
  network,
  server,
  then: listOf(step),
}, ["name", "expect"]);

/** Refuses a field that belongs to another kind of fault. */
function storeFault(value: unknown, path: string): void {
  STORE_FAULT(value, path);
  const fault = defined(value as ScenarioStoreFault);
  for (const name of Object.keys(KINDS) as (keyof typeof KINDS)[]) {
    if (!Object.hasOwn(fault, name) || KINDS[name] === fault.kind) continue;
    throw new TypeError(
      `${path}.${name} is for "${KINDS[name]}", received for "${fault.kind}"`,
    );
  }
}

/** The first property of a step says what it is. */
function step(value: unknown, path: string): void {
  const [word] = value && typeof value === "object" ? Object.keys(value) : [];
  if (word === "advance") {
    return object<{ advance: number }>({ advance: count }, ["advance"])(
      value,
      path,
    );
  }
  if (word === "revoke") {
    return object<{ revoke: string }>({ revoke: text }, ["revoke"])(
      value,
      path,
    );
  }
  reconnect(value, path);
}
