import type { MutantKind } from "./mutants.ts";

/** A mutant that no test can find, and why. */
export interface Explained {
  /** The file. */
  readonly file: string;
  /** What was changed. */
  readonly kind: MutantKind;
  /** The text that was changed, as the mutant has it. */
  readonly text: string;
  /** Why it can't matter. */
  readonly because: string;
}

/** The survivors that are none. */
export const EXPLAINED: readonly Explained[] = [
  {
    file: "src/tls/socket/flush_waiters.ts",
    kind: "branch",
    text: "this.#waiting?.size === 0",
    because:
      "A set that is empty means the same as none: it costs memory alone.",
  },
  {
    file: "src/ffi/memory.ts",
    kind: "guard",
    text: "this.#bytes.length > 0",
    because:
      "A view that is made again is of the same memory: it costs time alone.",
  },
  {
    file: "src/stores/encrypted/keys.ts",
    kind: "guard",
    text: "first === undefined",
    because: "The constructor refuses an empty list: it tells the compiler.",
  },
  {
    file: "src/tls/context/ca_names.ts",
    kind: "guard",
    text: "name === null",
    because: "There is no memory for the name, nor for much else.",
  },
  {
    file: "src/tls/context/configure.ts",
    kind: "guard",
    text: "libssl.SSL_CONF_CTX_finish(conf) !== 1",
    because:
      "OpenSSL 3.5 fails there for keys in files alone, which the module has none of.",
  },
  {
    file: "src/tls/context/context_core.ts",
    kind: "guard",
    text: "ticketKeys === undefined && !this.choosesByName",
    because:
      "Tickets would have random keys of ours in place of OpenSSL's, which are as good.",
  },
  {
    file: "src/tls/context/session_binding.ts",
    kind: "guard",
    text: "digest === null",
    because: "There is no memory for a digest, nor for much else.",
  },
  {
    file: "src/tls/deno/acceptor.ts",
    kind: "guard",
    text: "victim === undefined",
    because:
      "Only where there are handshakes is one to end: it tells the compiler.",
  },
  ...["src/tls/deno/connect.ts", "src/tls/deno/listener.ts"].map((file) => ({
    file,
    kind: "guard" as const,
    text: 'typeof Deno === "undefined"',
    because:
      "Only other runtimes lack Deno, which would say so themselves in fewer words.",
  })),
  {
    file: "src/tls/deno/listener_timers.ts",
    kind: "branch",
    text: 'typeof Deno !== "undefined"',
    because:
      "A timer that is left keeps a program from its end for the time of a handshake.",
  },
  {
    file: "src/tls/engine/client_offer.ts",
    kind: "guard",
    text: "offer === undefined",
    because:
      "A handshake that is done began with a hello: it tells the compiler.",
  },
  {
    file: "src/tls/engine/client_side.ts",
    kind: "guard",
    text: "session === null",
    because: "A handshake that is done has a session: it tells the compiler.",
  },
  {
    file: "src/tls/engine/engine.ts",
    kind: "guard",
    text: "this.#connection.isOver || this.#connection.isEnding",
    because:
      "OpenSSL sends close_notify once, and an end that is over does nothing.",
  },
  {
    file: "src/tls/peer/connection_info.ts",
    kind: "guard",
    text: "certificate === undefined",
    because:
      "What would be read of no certificate is null as well: it saves a getter.",
  },
  {
    file: "src/tls/peer/verify_failure.ts",
    kind: "guard",
    text: "!leaf",
    because:
      "A name that doesn't match is a certificate's: it tells the compiler.",
  },
  {
    file: "src/tls/sessions/session.ts",
    kind: "guard",
    text: "der === null",
    because: "There is no memory for a copy, nor for much else.",
  },
  ...['tickets !== "stateless"', 'tickets === "off"'].map((text) => ({
    file: "src/tls/sessions/session_setup.ts",
    kind: "branch" as const,
    text,
    because:
      "Each server connection is told so by its hello (connection_hello.c); this is for its context.",
  })),
  {
    file: "src/tls/sessions/ticket_keys.ts",
    kind: "guard",
    text: "keys === null",
    because:
      "There are none without entropy, whose error ends the handshake by itself.",
  },
];
