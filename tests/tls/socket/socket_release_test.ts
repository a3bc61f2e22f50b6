import { assertEquals, assertLess, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { OpenSSL, startTls, type TlsContext } from "@sesame/tls";
import { contextOf } from "../../support/engines.ts";
import {
  closeAll,
  failureOf,
  hear,
  hearAll,
  newLine,
  NOTHING_LEFT,
  openSockets,
  say,
  settle,
  socketsOf,
} from "../../support/sockets.ts";

describe("A signal", NOTHING_LEFT, () => {
  const reason = new Error("no more");

  it("that was aborted before ends the socket at once", async () => {
    using context = contextOf();
    const line = newLine();
    const signal = AbortSignal.abort(reason);
    const server = startTls(line.there, { role: "server", context, signal });
    assertStrictEquals(await failureOf(server.opened), reason);
    assertStrictEquals(await failureOf(server.closed), reason);
    assertStrictEquals(await failureOf(hear(server)), reason);
    await failureOf(hearAll(line.here));
  });

  for (const when of ["during the handshake", "after the handshake"]) {
    it(`that is aborted ${when} ends it too`, async () => {
      using context = contextOf();
      const controller = new AbortController();
      const { client, server } = socketsOf(context, context, {
        server: { signal: controller.signal },
      });
      const failure = failureOf(hear(server));
      if (when === "after the handshake") await client.opened;
      controller.abort(reason);
      assertStrictEquals(await failure, reason);
      assertStrictEquals(await failureOf(server.closed), reason);
      assertStrictEquals(await failureOf(say(server, "?")), reason);
      await failureOf(hear(client));
      await failureOf(client.closed);
    });
  }
});

describe("However a socket ends", NOTHING_LEFT, () => {
  /** Ways in which both sockets of a line come to an end that no one listens to. */
  const ends: Record<string, (context: TlsContext) => Promise<void>> = {
    "in order": async (context) => closeAll(await openSockets(context)),
    "by a reset": async (context) => {
      const line = newLine();
      const sockets = socketsOf(context, context, { line });
      line.reset(new Error("reset"));
      await closeAll(sockets);
    },
    "by a cut": async (context) => {
      const line = newLine();
      const sockets = await openSockets(context, context, { line });
      line.cut();
      await closeAll(sockets);
    },
    "by a refusal": (context) =>
      closeAll(
        socketsOf(context, context, { client: { hostname: "other.test" } }),
      ),
    "by a deadline": async (context) => {
      const { there } = newLine();
      const server = startTls(there, {
        role: "server",
        context,
        handshakeTimeout: 1,
      });
      await new Promise((resolve) => setTimeout(resolve, 5));
      await failureOf(server.close());
    },
    "by a signal": async (context) => {
      const controller = new AbortController();
      const { signal } = controller;
      const sockets = await openSockets(context, context, {
        server: { signal },
        client: { signal },
      });
      controller.abort();
      await closeAll(sockets);
    },
  };
  for (const [how, end] of Object.entries(ends)) {
    it(`${how}, nothing is left and no rejection is unhandled`, async () => {
      const unhandled: unknown[] = [];
      const note = (event: PromiseRejectionEvent): void => {
        event.preventDefault();
        unhandled.push(event.reason);
      };
      globalThis.addEventListener("unhandledrejection", note);
      const openssl = new OpenSSL();
      const context = contextOf({ openssl });
      // Some of OpenSSL's objects are made once and stay.
      await ends["in order"]?.(context);
      const { handles, used } = openssl.memory;
      await end(context);
      await settle();
      globalThis.removeEventListener("unhandledrejection", note);
      assertEquals(unhandled, []);
      assertEquals(openssl.memory.handles, handles);
      assertLess(openssl.memory.used, used + 10_000);
      context.close();
    });
  }
});
