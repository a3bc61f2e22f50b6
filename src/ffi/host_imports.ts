import type { Address, Ptr } from "./pointers.ts";

/**
 * The host imports of the module (wasm/bridge.c, wasm/connection.c), in C's types. Those that answer
 * OpenSSL's callbacks are implemented in src/libssl, next to the function that sets
 * the callback.
 */
export interface HostImports {
  new_session(ssl: Ptr<"SSL">, session: Ptr<"SSL_SESSION">): number;
  remove_session(ctx: Ptr<"SSL_CTX">, session: Ptr<"SSL_SESSION">): void;
  get_session(
    ssl: Ptr<"SSL">,
    id: Address,
    length: number,
    copy: Address,
  ): number;
  client_hello(ssl: Ptr<"SSL">, alert: Address, ctx: Ptr<"SSL_CTX">): number;
  servername(ssl: Ptr<"SSL">, alert: Address, ctx: Ptr<"SSL_CTX">): number;
  alpn_select(
    ssl: Ptr<"SSL">,
    out: Address,
    outLength: Address,
    offered: Address,
    offeredLength: number,
    ctx: Ptr<"SSL_CTX">,
  ): number;
  verify(
    preverifyOk: number,
    storeCtx: Ptr<"X509_STORE_CTX">,
    ssl: Ptr<"SSL">,
  ): number;
  keylog(ssl: Ptr<"SSL">, line: Address): void;
  message(
    written: number,
    version: number,
    contentType: number,
    data: Address,
    length: number,
    ssl: Ptr<"SSL">,
  ): void;
  info(ssl: Ptr<"SSL">, where: number, value: number): void;
  generate_session_id(ssl: Ptr<"SSL">, id: Address, length: Address): number;
  psk_client(
    ssl: Ptr<"SSL">,
    hint: Address,
    identity: Address,
    maxIdentityLength: number,
    psk: Address,
    maxPskLength: number,
  ): number;
  psk_server(
    ssl: Ptr<"SSL">,
    identity: Address,
    psk: Address,
    maxPskLength: number,
  ): number;
  cert(ssl: Ptr<"SSL">): number;
  status(ssl: Ptr<"SSL">, ctx: Ptr<"SSL_CTX">): number;
  allow_early_data(ssl: Ptr<"SSL">): number;
  ticket_key(
    ssl: Ptr<"SSL">,
    name: Address,
    iv: Address,
    cipher: Ptr<"EVP_CIPHER_CTX">,
    mac: Ptr<"EVP_MAC_CTX">,
    isNew: number,
  ): number;
  connection_hello(owner: number): number;
  connection_find_session(owner: number, id: Address, length: number): number;
  connection_refuse_session(owner: number, flaw: number): void;
  connection_new_session(owner: number): void;
  object_freed(object: Ptr<string>): void;
  entropy(out: Address, length: number): number;
  clock(): number;
}

/** A host import. */
export type HostImport = keyof HostImports;

/** The order of `trampolines` in wasm/bridge.c. */
export const TRAMPOLINES = [
  "new_session",
  "remove_session",
  "get_session",
  "client_hello",
  "servername",
  "alpn_select",
  "verify",
  "keylog",
  "message",
  "info",
  "generate_session_id",
  "psk_client",
  "psk_server",
  "status",
  "allow_early_data",
  "ticket_key",
  "cert",
] as const;

/** A callback that OpenSSL can be given. */
export type Trampoline = typeof TRAMPOLINES[number];

/** What the bodies of OpenSSL's callbacks in wasm/connection.c ask. */
const QUESTIONS = [
  "connection_hello",
  "connection_find_session",
  "connection_refuse_session",
  "connection_new_session",
] as const;

/** What runs JavaScript amid a connection's state machine. */
export type CallbackName = Trampoline | typeof QUESTIONS[number];

const HOST_IMPORTS: readonly HostImport[] = [
  ...TRAMPOLINES,
  ...QUESTIONS,
  "object_freed",
  "entropy",
  "clock",
];

/** Whether a module may ask for it. */
export function isHostImport(name: string): name is HostImport {
  return (HOST_IMPORTS as readonly string[]).includes(name);
}

/** Whether it runs JavaScript amid a connection's state machine. */
export function isCallback(name: HostImport): name is CallbackName {
  return ([...TRAMPOLINES, ...QUESTIONS] as readonly HostImport[]).includes(
    name,
  );
}

const SSL_TLSEXT_ERR_ALERT_FATAL = 2;

/** The answers that mean failure and are not 0: what C gets when the JavaScript function threw. */
const REFUSALS: Readonly<Partial<Record<HostImport, number>>> = {
  servername: SSL_TLSEXT_ERR_ALERT_FATAL,
  alpn_select: SSL_TLSEXT_ERR_ALERT_FATAL,
  // To a client 0 and below mean no, to a server all but OK and NOACK.
  status: -1,
  ticket_key: -1,
};

/** The answer of an import that means failure: what C gets when the JavaScript function threw. */
export function refusalOf(name: HostImport): number {
  return Object.hasOwn(REFUSALS, name) ? REFUSALS[name] ?? 0 : 0;
}
