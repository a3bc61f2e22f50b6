import { OpenSSL, TlsContext, type TlsSession } from "../../../mod.ts";
import { MemorySessionStore } from "../../../src/stores/memory.ts";
import { seededEntropy } from "../../../src/testing/entropy.ts";
import { FaultyStore } from "../../../src/testing/faulty_store.ts";
import type { Network, NetworkOptions } from "../../../src/testing/network.ts";
import type { TlsPair } from "../../../src/testing/pair.ts";
import {
  createTlsSandbox,
  type TlsSandbox,
} from "../../../src/testing/sandbox.ts";
import { SpyStore, type StoreCall } from "../../../src/testing/spy_store.ts";
import type { Trace } from "../../../src/testing/trace.ts";
import {
  type ConnectPlan,
  DELAY_MS,
  EARLY_REQUEST,
  type ServerName,
  type ServerPlan,
  type Step,
} from "./plan.ts";

/** The host names that the servers' certificate is valid for. */
export const HOSTS = ["shop.example", "mail.example"] as const;
const TICKET_KEY_BYTES = 80;

/** A connection that was made. */
export interface Visit {
  /** What was asked for. */
  readonly plan: ConnectPlan;
  /** The time of its start in milliseconds since 1970. */
  readonly startedAt: number;
  /** The session that the client proposed. */
  readonly session: TlsSession | null;
  /** Its messages. */
  readonly trace: Trace;
  /** What its client sent. */
  readonly sent: Uint8Array;
  /** Its two ends. */
  readonly pair: Pick<TlsPair, "client" | "server">;
  /** What the servers asked of the store. */
  readonly storeCalls: readonly StoreCall[];
  /** The early data that the server has read, as text. */
  readonly earlyData: string;
}

/** A record in the store. */
export interface StoredRecord {
  readonly id: Uint8Array;
  readonly record: Uint8Array;
}

/** A client, two servers and their store, on a clock and a network of their own. */
export class Playground implements Disposable {
  readonly #sandbox: TlsSandbox;
  readonly #store: MemorySessionStore;
  readonly #instances = new Map<ServerName, OpenSSL>();
  readonly #certificate: { readonly cert: string; readonly key: string };
  readonly #nodes = new Map<string, ServerNode>();
  readonly #networks: Network[] = [];
  #session: TlsSession | null = null;

  /** Creates a fleet that nobody has visited. */
  constructor(seed: string) {
    this.#sandbox = createTlsSandbox({ seed });
    const { clock, pki } = this.#sandbox;
    this.#certificate = pki.issue({ hosts: HOSTS });
    this.#store = new MemorySessionStore({ now: clock.now });
  }

  /** The time of the fleet, in milliseconds since 1970. */
  get now(): number {
    return this.#sandbox.clock.now();
  }

  /** The records in the store, the newest last. */
  async records(): Promise<StoredRecord[]> {
    const records: StoredRecord[] = [];
    for await (const { id } of this.#store.entries()) {
      const record = await this.#store.get(id);
      if (record !== undefined) records.push({ id, record });
    }
    return records;
  }

  /** Takes a step: the connection, if it is one. */
  async take(step: Step): Promise<Visit | undefined> {
    if (step.type === "connect") return await this.#connect(step);
    this.#sandbox.clock.advance(step.ms);
    return undefined;
  }

  async #connect(plan: ConnectPlan): Promise<Visit> {
    const { pki } = this.#sandbox;
    const startedAt = this.now;
    const { context, spy } = this.#nodeOf(plan.server);
    spy.clear();
    const session = plan.resumes ? this.#session : null;
    const sendsEarlyData = plan.sendsEarlyData && session !== null &&
      session.maxEarlyData > 0;
    const pair = this.#sandbox.pair({
      client: {
        hostname: plan.hostname,
        ...(plan.hasClientCertificate && pki.client),
        ...(session && { session }),
        ...(sendsEarlyData && { earlyData: EARLY_REQUEST }),
      },
      server: { context },
      network: this.#networkOf(plan),
    });
    await pair.handshake();
    this.#networks.push(pair.network);
    if (plan.replays === null) {
      this.#session = pair.client.session ?? session;
    }
    return {
      plan,
      startedAt,
      session,
      trace: pair.trace,
      sent: pair.network.captured.toServer,
      pair,
      storeCalls: spy.calls,
      earlyData: new TextDecoder().decode(pair.server.readEarlyData()),
    };
  }

  #networkOf({ changedByte, replays }: ConnectPlan): NetworkOptions {
    const capture = replays === null
      ? undefined
      : this.#networks[replays - 1]?.captured;
    return {
      delay: DELAY_MS,
      ...(capture && { toServer: { replay: capture } }),
      ...(changedByte && {
        [changedByte.direction]: {
          corrupt: {
            at: { message: changedByte.message, byte: changedByte.byte },
          },
        },
      }),
    };
  }

  #nodeOf(plan: ServerPlan): ServerNode {
    const key = JSON.stringify(plan);
    const node = this.#nodes.get(key) ?? this.#newNode(plan);
    this.#nodes.set(key, node);
    return node;
  }

  #newNode(
    { name, options, hasStore, sharesKeys, faults }: ServerPlan,
  ): ServerNode {
    const { clock, pki, seed } = this.#sandbox;
    const store = faults.length === 0
      ? this.#store
      : new FaultyStore(this.#store, { clock, seed, faults });
    const spy = new SpyStore(store, { now: clock.now });
    const context = new TlsContext({
      ...options,
      openssl: this.#instanceOf(name),
      ...this.#certificate,
      caCerts: [pki.ca.cert],
      ...(hasStore && { sessions: spy }),
      ...(sharesKeys && { ticketKeys: [ticketKey(seed)] }),
      // The deadline is of a real timer, which the fleet's clock follows.
      onStoreError: () => clock.advance(options.lookupTimeout ?? 0),
    });
    return { context, spy };
  }

  /** The instance of a server, created when a client meets it. */
  #instanceOf(name: ServerName): OpenSSL {
    const { clock, seed } = this.#sandbox;
    const instance = this.#instances.get(name) ?? new OpenSSL({
      entropy: seededEntropy(`${seed}/${name}`),
      clock: clock.now,
    });
    this.#instances.set(name, instance);
    return instance;
  }

  /** Frees the connections. */
  [Symbol.dispose](): void {
    this.#sandbox[Symbol.dispose]();
    for (const { context } of this.#nodes.values()) context.close();
  }
}

/** A server under some settings. */
interface ServerNode {
  readonly context: TlsContext;
  readonly spy: SpyStore;
}

/** The key that both servers encrypt tickets with. */
function ticketKey(seed: string): Uint8Array {
  const key = new Uint8Array(TICKET_KEY_BYTES);
  seededEntropy(`${seed}/tickets`)(key);
  return key;
}
