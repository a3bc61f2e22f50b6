import type { PageState } from "./actions.ts";
import {
  type ConnectPlan,
  DELAY_MS,
  EARLY_REQUEST,
  planOf,
  type ServerName,
  type ServerPlan,
  type Step,
} from "./plan.ts";
import { HOSTS } from "./run.ts";

/** A program that does what the page did, and prints the same ladders. */
export function codeOf(state: PageState): string {
  const steps = planOf(state);
  const visits = steps.filter((step) => step.type === "connect");
  const servers = visits.map(({ server }) => server);
  const listing = new Listing(state.seed, visits);
  return [
    ...imports(steps),
    "",
    `using sandbox = createTlsSandbox({ seed: ${quoted(state.seed)} });`,
    "const { clock, pki } = sandbox;",
    `const certificate = pki.issue({ hosts: ${json(HOSTS)} });`,
    ...(servers.some(({ hasStore }) => hasStore)
      ? [
        "",
        "// The store of the fleet: its clock is the sandbox's.",
        "const store = new MemorySessionStore({ now: clock.now });",
      ]
      : []),
    ...(servers.some(({ sharesKeys }) => sharesKeys)
      ? [
        "",
        "// The key of the fleet's tickets.",
        "const ticketKey = new Uint8Array(80);",
        `seededEntropy(${quoted(`${state.seed}/tickets`)})(ticketKey);`,
      ]
      : []),
    ...(["A", "B"] as const).flatMap((name) => listing.instance(name)),
    ...(visits.some(({ resumes }) => resumes)
      ? ["", "let session: TlsSession | null = null;"]
      : []),
    ...steps.flatMap((step) => listing.step(step)),
    "",
  ].join("\n");
}

function imports(steps: readonly Step[]): string[] {
  const visits = steps.filter((step) => step.type === "connect");
  const has = (test: (visit: ConnectPlan) => boolean): boolean =>
    visits.some(test);
  const testing = [
    "createTlsSandbox",
    ...(has(({ server }) => server.faults.length > 0) ? ["FaultyStore"] : []),
    ...(visits.length > 0 ? ["seededEntropy"] : []),
  ];
  const tls = [
    ...(visits.length > 0 ? ["OpenSSL", "TlsContext"] : []),
    ...(has(({ resumes }) => resumes) ? ["type TlsSession"] : []),
  ];
  return [
    ...(tls.length > 0
      ? [`import { ${tls.join(", ")} } from "@sesame/tls";`]
      : []),
    ...(has(({ server }) => server.hasStore)
      ? ['import { MemorySessionStore } from "@sesame/tls/stores/memory";']
      : []),
    `import { ${testing.join(", ")} } from "@sesame/tls/testing";`,
  ];
}

/** The parts of the program that depend on what came before. */
class Listing {
  readonly #seed: string;
  readonly #visits: readonly ConnectPlan[];
  /** The name of each server's variable, by its plan. */
  readonly #contexts = new Map<string, string>();
  readonly #counts: Record<ServerName, number> = { A: 0, B: 0 };

  constructor(seed: string, visits: readonly ConnectPlan[]) {
    this.#seed = seed;
    this.#visits = visits;
  }

  /** A server's instance of OpenSSL, if a client meets it. */
  instance(name: ServerName): string[] {
    if (!this.#visits.some(({ server }) => server.name === name)) return [];
    return [
      "",
      `const openssl${name} = new OpenSSL({`,
      `  entropy: seededEntropy(${quoted(`${this.#seed}/${name}`)}),`,
      "  clock: clock.now,",
      "});",
    ];
  }

  step(step: Step): string[] {
    if (step.type === "advance") {
      return ["", `clock.advance(${withUnderscores(step.ms)}); // ms`];
    }
    const { number, replays, resumes, server } = step;
    const what = replays !== null
      ? `the bytes of the client of ${replays} again, at server ${server.name}`
      : resumes
      ? `the client again, at server ${server.name}`
      : `a new client, at server ${server.name}`;
    const pair = `pair${number}`;
    const created = this.#server(server);
    return [
      "",
      `// ${number}: ${what}.`,
      ...created,
      `const ${pair} = sandbox.pair({`,
      ...clientLines(step),
      `  server: { context: ${this.#contexts.get(keyOf(server))} },`,
      ...networkLines(step),
      "});",
      `await ${pair}.handshake();`,
      ...this.#sessionLines(step),
      `console.log(${pair}.trace.toLadder());`,
    ];
  }

  /** A server's context, unless there is one. */
  #server(plan: ServerPlan): string[] {
    const key = keyOf(plan);
    if (this.#contexts.has(key)) return [];
    const count = ++this.#counts[plan.name];
    const name = `server${plan.name}${count > 1 ? count : ""}`;
    this.#contexts.set(key, name);
    const { options, hasStore, sharesKeys, faults } = plan;
    return [
      `const ${name} = new TlsContext({`,
      `  openssl: openssl${plan.name},`,
      "  ...certificate,",
      "  caCerts: [pki.ca.cert],",
      ...Object.entries(options).map(([option, value]) =>
        `  ${option}: ${json(value)},`
      ),
      ...(sharesKeys ? ["  ticketKeys: [ticketKey],"] : []),
      ...(hasStore ? storeLines(this.#seed, faults) : []),
      ...(faults.length === 0 ? [] : errorLines(options.lookupTimeout)),
      "});",
    ];
  }

  /** Keeps the session for the client's next connection. */
  #sessionLines({ number, resumes, replays }: ConnectPlan): string[] {
    const isKept = replays === null &&
      this.#visits.slice(number).some((visit) => visit.resumes);
    if (!isKept) return [];
    const rest = resumes ? " ?? session" : "";
    return [`session = pair${number}.client.session${rest};`];
  }
}

function clientLines(
  { hostname, hasClientCertificate, resumes, sendsEarlyData }: ConnectPlan,
): string[] {
  const host = `hostname: ${quoted(hostname)}`;
  if (!hasClientCertificate && !resumes) return [`  client: { ${host} },`];
  return [
    "  client: {",
    `    ${host},`,
    ...(hasClientCertificate ? ["    ...pki.client,"] : []),
    ...(resumes ? ["    ...(session && { session }),"] : []),
    ...(sendsEarlyData
      ? [
        `    ...(session?.maxEarlyData && { earlyData: ${
          quoted(EARLY_REQUEST)
        } }),`,
      ]
      : []),
    "  },",
  ];
}

function networkLines({ changedByte, replays }: ConnectPlan): string[] {
  const faults = [
    ...(replays === null
      ? []
      : [`toServer: { replay: pair${replays}.network.captured }`]),
    ...(changedByte === null ? [] : [
      `${changedByte.direction}: { corrupt: { at: { message: ${changedByte.message}, byte: ${changedByte.byte} } } }`,
    ]),
  ];
  return faults.length === 0 ? [`  network: { delay: ${DELAY_MS} },`] : [
    "  network: {",
    `    delay: ${DELAY_MS},`,
    ...faults.map((fault) => `    ${fault},`),
    "  },",
  ];
}

function storeLines(seed: string, faults: ServerPlan["faults"]): string[] {
  if (faults.length === 0) return ["  sessions: store,"];
  return [
    "  sessions: new FaultyStore(store, {",
    "    clock,",
    `    seed: ${quoted(seed)},`,
    "    faults: [",
    ...faults.map((fault) => `      ${json(fault)},`),
    "    ],",
    "  }),",
  ];
}

/** What is done about failures of the store. */
function errorLines(lookupTimeout: number | undefined): string[] {
  return lookupTimeout === undefined ? ["  onStoreError: () => {},"] : [
    "  // lookupTimeout is of a real timer, which the sandbox's clock follows.",
    `  onStoreError: () => clock.advance(${lookupTimeout}),`,
  ];
}

function keyOf(plan: ServerPlan): string {
  return JSON.stringify(plan);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** Plain data as an expression, laid out as `deno fmt` does. */
function json(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(json).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, item]) =>
    `${name}: ${json(item)}`
  );
  return `{ ${fields.join(", ")} }`;
}

function withUnderscores(number: number): string {
  return number.toLocaleString("en").replaceAll(",", "_");
}
