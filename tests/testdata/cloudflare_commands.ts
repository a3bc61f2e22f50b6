/**
 * What tests tell `cloudflare_worker.ts` to do, and what it answers: JSON.
 *
 * @module
 */
import type { Resumption, TlsVersion } from "../../mod.ts";
import type {
  CloudflareKvNamespace,
  SessionObjectNamespace,
} from "../../src/stores/cloudflare.ts";

/** What the simulator binds. */
export interface Env {
  readonly KV: CloudflareKvNamespace;
  readonly SESSIONS: ForwardingNamespace & SessionObjectNamespace;
}

/** What the binding can do beyond what the store uses. */
interface ForwardingNamespace {
  get(id: unknown): { fetch(request: Request): Promise<Response> };
}

/** Which store to make. */
export interface StoreChoice {
  readonly kind: "kv" | "objects";
  readonly prefix?: string;
  readonly shards?: number;
}

/** A call of a store. */
export interface Call {
  readonly method: "get" | "set" | "delete" | "take" | "revoke" | "entries";
  /** The store's time; by default the system's. */
  readonly now?: number;
  readonly id?: readonly number[];
  readonly record?: readonly number[];
  readonly expiresAt?: number;
  readonly tag?: string;
}

/** What to do. */
export type Command =
  | { command: "check"; store: StoreChoice; index: number }
  | { command: "resume"; store: StoreChoice; version: TlsVersion }
  | { command: "call"; store: StoreChoice } & Call;

/** How one of the promises of `SessionStore` was kept. */
export interface CheckReply {
  readonly name?: string;
  readonly error?: string;
}

/** What a call returned, or threw. */
export interface CallReply {
  readonly record?: readonly number[];
  readonly count?: number;
  readonly entries?: readonly {
    readonly id: readonly number[];
    readonly expiresAt: number;
    readonly tag?: string;
    readonly size: number;
  }[];
  readonly error?: string;
}

/** How a client fared at one server, then at another. */
export interface ResumeReply {
  readonly first: Resumption | null;
  readonly second: Resumption | null;
  /** With a session of the store's that was removed. */
  readonly third: Resumption | null;
}
