import { assertEquals, assertLess, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { startTls } from "@sesame/tls";
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
  socketsOf,
  tlsErrorOf,
} from "../../support/sockets.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
  describe(`A ${version} socket ends`, NOTHING_LEFT, () => {
    it("in one direction after the other", async () => {
      using context = contextOf({ maxVersion: version });
      const { client, server } = await openSockets(context);
      await say(client, "a question");
      const ending = client.writable.close();
      assertEquals(text(await hearAll(server)), "a question");
      await ending;

      const answer = hearAll(client);
      await say(server, "an ");
      await say(server, "answer");
      await server.writable.close();
      assertEquals(text(await answer), "an answer");
      await Promise.all([client.closed, server.closed]);
    });

    it("in the server's direction first", async () => {
      using context = contextOf({ maxVersion: version });
      const { client, server } = await openSockets(context);
      await server.writable.close();
      assertEquals(await hear(client), null);
      await say(client, "still here");
      assertEquals(await hear(server), "still here");
      await client.writable.close();
      assertEquals(await hear(server), null);
      await Promise.all([client.closed, server.closed]);
    });

    it("by close, with all that was written before", async () => {
      using context = contextOf({ maxVersion: version });
      const { client, server } = socketsOf(context);
      const heard = hearAll(server);
      const writer = client.writable.getWriter();
      const written = ["one ", "two ", "three"].map((word) =>
        writer.write(bytes(word))
      );
      const closing = client.close();
      assertStrictEquals(client.close(), closing);
      assertEquals(text(await heard), "one two three");
      await Promise.all(written);
      await server.close();
      await closing;
      await client[Symbol.asyncDispose]();
      await Promise.all([client.closed, server.closed]);
      await tlsErrorOf(writer.write(bytes("four")), "closed");
    });

    it("with an error that says so, where the transport ends first", async () => {
      using context = contextOf({ maxVersion: version });
      const line = newLine();
      const ends = await openSockets(context, context, { line });
      await say(ends.client, "pay 1");
      line.cut();
      assertEquals(await hear(ends.server), "pay 1");
      const error = await tlsErrorOf(hear(ends.server), "truncated");
      assertStrictEquals(await failureOf(ends.server.closed), error);
      assertStrictEquals(await failureOf(say(ends.server, "thanks")), error);
      await closeAll(ends);
    });

    it("with an alert, where a record was tampered with", async () => {
      using context = contextOf({ maxVersion: version });
      const line = newLine();
      const meddler = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller): void {
          if (isArmed) chunk.set([(chunk.at(-1) ?? 0) ^ 1], chunk.length - 1);
          controller.enqueue(chunk);
        },
      });
      let isArmed = false;
      const piping = line.there.readable.pipeTo(meddler.writable);
      const ends = await openSockets(context, context, {
        line: {
          here: line.here,
          there: { ...line.there, readable: meddler.readable },
        },
      });
      isArmed = true;
      // The alert may be there before the transport has taken the last byte.
      await say(ends.client, "pay 1").catch(() => {});
      const error = await tlsErrorOf(hear(ends.server), "protocol");
      assertEquals(error.alert, "bad record mac");
      const told = await tlsErrorOf(hear(ends.client), "protocol");
      assertEquals(told.alert, "bad record mac");
      await Promise.all([
        tlsErrorOf(ends.server.closed, "protocol"),
        tlsErrorOf(ends.client.closed, "protocol"),
        piping.catch(() => {}),
      ]);
    });
  });
}

describe("TlsSocket.close", NOTHING_LEFT, () => {
  it("fails what is being read, so that no one takes it for the end", async () => {
    using context = contextOf();
    const ends = await openSockets(context);
    const failure = tlsErrorOf(hear(ends.client), "closed");
    await closeAll(ends);
    await failure;
    await ends.client.closed;
  });

  it("waits a second for a peer that doesn't answer, not longer", async () => {
    using context = contextOf();
    const ends = await openSockets(context);
    const start = performance.now();
    await ends.client.close();
    assertLess(performance.now() - start, 3_000);
    await ends.client.closed;
    await ends.server.close();
  });

  it("ends in order where the peer answers by ending the transport", async () => {
    using context = contextOf();
    const line = newLine();
    const ends = await openSockets(context, context, { line });
    const closing = ends.client.close();
    assertEquals(await hear(ends.server), null);
    line.cut();
    await closing;
    await ends.server[Symbol.asyncDispose]();
  });

  it("just ends before the handshake is done", async () => {
    using context = contextOf();
    const line = newLine();
    const client = startTls(line.here, {
      role: "client",
      context,
      hostname: "localhost",
    });
    await client.close();
    await tlsErrorOf(client.opened, "closed");
    await tlsErrorOf(hear(client), "closed");
    await client.closed;
    const server = startTls(line.there, { role: "server", context });
    const error = await failureOf(server.opened);
    assertStrictEquals(await failureOf(server.close()), error);
  });

  it("isn't needed where nobody reads any more and all is written", async () => {
    using context = contextOf();
    const { client, server } = await openSockets(context);
    await client.readable.cancel();
    const heard = hearAll(server);
    await client.writable.close();
    await heard;
    await server.writable.close();
    await Promise.all([client.closed, server.closed]);
  });
});
