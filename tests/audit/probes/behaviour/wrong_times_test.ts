/** Servers that keep sessions for too short or too long, or forget them when a connection ends. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Libssl, SSL_CTX } from "../../../../src/libssl/mod.ts";
import { SessionDer } from "../../../../src/audit/client/session_der.ts";
import { findingsOf } from "../../findings_of.ts";
import { keepSessions } from "../../wrong/kept_sessions.ts";
import { LibsslServer } from "../../wrong/libssl_server.ts";
import {
  linesOf,
  newSandbox,
  serverContext,
  serverThat,
  storeWith,
} from "./servers.ts";

describe("behaviour/lifetime-hint", () => {
  it("warns of sessions of a few seconds", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) => void libssl.SSL_CTX_set_timeout(ctx, 5),
    });
    assertEquals(await linesOf(server, "behaviour/lifetime-hint"), [
      "tls1.2-ticket warn (low): Tickets can be used for 5 s",
      "tls1.3 warn (low): Tickets can be used for 5 s",
    ]);
  });
});

describe("behaviour/lifetime", () => {
  it("fails a server that resumes for longer than it says", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx, { clock }) =>
        void keepSessions(libssl, ctx, {
          found: (der) => youthful(der, clock.now()),
        }),
    });
    assertEquals(await linesOf(server, "behaviour/lifetime"), [
      "tls1.2-id warn (low): Sessions are resumed for more than a day",
      "tls1.3 fail (medium): A session of 7200 s is resumed 72 s later",
    ]);
  });

  it("warns of a server that forgets sooner than it says", async () => {
    using sandbox = newSandbox();
    using context = serverContext(sandbox, {
      sessions: storeWith(sandbox, (store) => ({
        set: (id, record) =>
          store.set(id, record, {
            expiresAt: new Date(sandbox.clock.now() + 60_000),
          }),
      })),
    });
    const lines = await linesOf(context, "behaviour/lifetime", {
      clock: sandbox.clock,
    });
    assertEquals(lines, [
      "tls1.2-id warn (low): Sessions are resumed after 0 s, not after 300 s",
      "tls1.3 warn (low): A session of 7200 s isn't resumed 72 s before",
    ]);
  });

  it("leaves more than seven days to other probes", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) => void libssl.SSL_CTX_set_timeout(ctx, 700_000),
    });
    const lines = await linesOf(server, "behaviour/lifetime");
    assertEquals(
      lines.find((line) => line.startsWith("tls1.2-ticket")),
      "tls1.2-ticket not applicable: The server tells a lifetime of 700000 s, more than seven days",
    );
  });

  it("isn't applicable without a clock", async () => {
    using sandbox = newSandbox();
    using context = serverContext(sandbox);
    const findings = await findingsOf(context, "behaviour/lifetime");
    assertEquals(
      findings.map(({ verdict }) => verdict),
      Array(3).fill("not applicable"),
    );
  });
});

describe("behaviour/clean-close", () => {
  it("warns of sessions that need more than a handshake", async () => {
    const held: (() => void)[] = [];
    using server = new LibsslServer({
      setUp: (libssl, ctx) => keepOnceUsed(libssl, ctx, held),
      answer: () => {
        for (const keep of held.splice(0)) keep();
        return new TextEncoder().encode("HTTP/1.1 200 OK\r\n\r\n");
      },
    });
    assertEquals(await linesOf(server, "behaviour/clean-close"), [
      "tls1.2-id warn (low): A session isn't resumed after a clean close",
      "tls1.3 warn (low): A session isn't resumed after a clean close",
    ]);
  });
});

describe("behaviour/unclean-close", () => {
  it("warns of a server that removes the session", async () => {
    using sandbox = newSandbox();
    using context = serverContext(sandbox, {
      sessions: storeWith(sandbox),
      uncleanClose: "remove",
    });
    assertEquals(await linesOf(context, "behaviour/unclean-close"), [
      "tls1.2-id warn (low): A session isn't resumed after an unclean close",
      "tls1.3 warn (low): A session isn't resumed after an unclean close",
    ]);
    assertEquals(await linesOf(context, "behaviour/clean-close"), [
      "tls1.2-id pass: A session is resumed after a clean close",
      "tls1.3 pass: A session is resumed after a clean close",
    ]);
  });
});

describe("behaviour/fatal-alert", () => {
  it("fails a server that keeps the session", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) => void keepSessions(libssl, ctx, { isDeaf: true }),
    });
    assertEquals(await linesOf(server, "behaviour/fatal-alert"), [
      "tls1.2-id fail (medium): A session is resumed after a fatal alert",
      "tls1.3 pass: A ticket is resumed after a fatal alert, which is allowed",
    ]);
  });

  it("passes a server that forgets it", async () => {
    using server = serverThat((der) => der);
    assertEquals(await linesOf(server, "behaviour/fatal-alert"), [
      "tls1.2-id pass: A session isn't resumed after a fatal alert",
      "tls1.3 pass: A ticket is resumed after a fatal alert, which is allowed",
    ]);
  });
});

/** A session that was just made, whenever that was. */
function youthful(der: Uint8Array, now: number): Uint8Array {
  const fields = new SessionDer(der);
  fields.setNumber("time", Math.floor(now / 1000));
  return fields.encoded();
}

/** Keeps sessions when `held` is called: of connections that have asked for something. */
function keepOnceUsed(
  libssl: Libssl,
  ctx: SSL_CTX,
  held: (() => void)[],
): void {
  const used = new Set<Uint8Array>();
  const kept = keepSessions(libssl, ctx, {
    found: (der) => used.has(der) ? der : null,
    keeps: () => {
      const before = new Set(kept.values());
      held.push(() => {
        for (const der of kept.values()) if (!before.has(der)) used.add(der);
      });
      return true;
    },
  });
}
