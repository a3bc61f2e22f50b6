import type {
  Scenario,
  ScenarioCertificateOptions,
  ScenarioClient,
  ScenarioConnection,
  ScenarioExpectation,
  ScenarioFault,
  ScenarioHost,
  ScenarioNetwork,
  ScenarioPeer,
  ScenarioReconnect,
  ScenarioServer,
  ScenarioStoreFault,
} from "./_scenario_types.ts";

/** Throws unless a value is what it should be; `path` says where it is. */
type Check = (value: unknown, path: string) => void;

/**
 * Throws a `TypeError` unless a scenario is made as the types say: it may come from a file,
 * and what is misspelt would not be looked at.
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

const PEER: Readonly<Record<keyof ScenarioPeer, Check>> = {
  alpnProtocols: texts,
  certificate: textOr(object<ScenarioCertificateOptions>({
    commonName: text,
    hosts: texts,
    issuer: text,
    keyType: text,
    usage: text,
    validFrom: count,
    validUntil: count,
  })),
  configure: listOf(listOf(text)),
  maxVersion: text,
  minVersion: text,
  trust: texts,
};

const HOST: Readonly<Record<keyof ScenarioHost, Check>> = {
  ...PEER,
  clientAuth: text,
  commit: text,
  faults: listOf(object<ScenarioFault>({
    fault: object<ScenarioStoreFault>({
      at: count,
      kind: text,
      ms: count,
      takesEffect: flag,
      xor: count,
    }),
    on: either(text, texts),
    when: object<NonNullable<ScenarioFault["when"]>>({
      calls: either(count, listOf(count)),
      probability: count,
    }),
  })),
  lookupTimeout: count,
  maxEarlyData: count,
  maxLookupsPerHello: count,
  sessionIdContext: text,
  sessionIdKey: texts,
  sessionTimeout: count,
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
/** What is in `toServer` and `toClient`, the network checks. */
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
  clientError: orNull(text),
  deletions: count,
  earlyData: orNull(oneOf("none", "accepted", "rejected")),
  from: orNull(text),
  group: orNull(text),
  helloRetry: flag,
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
  serverError: orNull(text),
  serverName: orNull(text),
  sessionId: orNull(oneOf("new", "echoed", "none")),
  sessions: count,
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

/** A step is told by its first word. */
function step(value: unknown, path: string): void {
  const [word] = value && typeof value === "object" ? Object.keys(value) : [];
  if (word === "advance") {
    return object<{ advance: number }>({ advance: count })(value, path);
  }
  if (word === "revoke") {
    return object<{ revoke: string }>({ revoke: text })(value, path);
  }
  reconnect(value, path);
}

function typed(type: string): Check {
  return (value, path) => {
    if (typeof value === type && value !== null) return;
    throw new TypeError(`${path} must be a ${type}, received ${show(value)}`);
  };
}

function oneOf(...choices: string[]): Check {
  return (value, path) => {
    if (choices.some((choice) => choice === value)) return;
    throw new TypeError(
      `${path} must be ${choices.join(", ")}, received ${show(value)}`,
    );
  };
}

function orNull(check: Check): Check {
  return (value, path) => value === null || check(value, path);
}

function textOr(check: Check): Check {
  return either(text, check);
}

/** One of two: the error for an object is that of the second. */
function either(one: Check, other: Check): Check {
  return (value, path) =>
    (typeof value === "object" ? other : one)(value, path);
}

function listOf(check: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) {
      throw new TypeError(`${path} must be a list, received ${show(value)}`);
    }
    value.forEach((item, i) => check(item, `${path}[${i}]`));
  };
}

function recordOf(check: Check): Check {
  return (value, path) => {
    typed("object")(value, path);
    for (const [name, item] of Object.entries(value as object)) {
      check(item, `${path}.${JSON.stringify(name)}`);
    }
  };
}

/** An object with these members and no others, of which some must be there. */
function object<T extends object>(
  checks: Readonly<Record<keyof T, Check>>,
  needed: readonly (keyof T & string)[] = [],
): Check {
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new TypeError(
        `${path || "it"} must be an object, received ${show(value)}`,
      );
    }
    const prefix = path && `${path}.`;
    for (const [name, item] of Object.entries(value)) {
      if (!Object.hasOwn(checks, name)) {
        throw new TypeError(
          `${prefix}${name} is none of ${Object.keys(checks).join(", ")}`,
        );
      }
      checks[name as keyof T](item, `${prefix}${name}`);
    }
    for (const name of needed) {
      if (Object.hasOwn(value, name)) continue;
      throw new TypeError(`${prefix}${name} is missing`);
    }
  };
}

function show(value: unknown): string {
  return typeof value === "string"
    ? JSON.stringify(value)
    : value === null
    ? "null"
    : Array.isArray(value)
    ? "a list"
    : typeof value;
}
