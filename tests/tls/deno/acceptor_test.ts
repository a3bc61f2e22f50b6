import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connectTls, TlsContext, type TlsSocket } from "@sesame/tls";
import { TlsAcceptor } from "../../../src/tls/deno/acceptor.ts";
import { certificate, contextOf } from "../../support/engines.ts";
import { NOTHING_LEFT, settle } from "../../support/sockets.ts";
import {
  assertEchoes,
  echo,
  HOSTNAME,
  type Reports,
} from "../../support/listeners.ts";

const { cert } = certificate;

describe(
  "A listener over TCP that can't take connections now and then",
  NOTHING_LEFT,
  () => {
    it("tries again, later and later", async () => {
      using context = contextOf();
      const tcp = Deno.listen({ hostname: HOSTNAME, port: 0 });
      const failure = new Error("too many open files");
      let failures = 3;
      const reports: Reports = [];
      const listener = new TlsAcceptor({
        addr: tcp.addr,
        accept: () => failures-- > 0 ? Promise.reject(failure) : tcp.accept(),
        close: () => tcp.close(),
      }, {
        context,
        ownsContext: false,
        handshakeTimeout: 1_000,
        maxHandshakes: 10,
        signal: undefined,
        onConnectionError: (...report) => reports.push(report),
        onClose: () => {},
      });
      const loop = echo(listener);
      await assertEchoes(listener);
      assertEquals(reports, Array(3).fill([failure, null]));
      listener.close();
      await loop;
    });

    it("takes no more while too many wait to be accepted", async () => {
      using context = contextOf();
      const tcp = Deno.listen({ hostname: HOSTNAME, port: 0 });
      let accepted = 0;
      const listener = new TlsAcceptor({
        addr: tcp.addr,
        accept: async () => {
          const conn = await tcp.accept();
          accepted++;
          return conn;
        },
        close: () => tcp.close(),
      }, {
        context,
        ownsContext: false,
        handshakeTimeout: 10_000,
        maxHandshakes: 10,
        signal: undefined,
        onConnectionError: undefined,
        onClose: () => {},
      });
      using trusting = new TlsContext({ caCerts: [cert] });
      const { port } = tcp.addr;
      const clients: TlsSocket[] = [];
      for (let i = 0; i < 128; i++) {
        clients.push(
          await connectTls({ hostname: HOSTNAME, port, context: trusting }),
        );
      }
      const last = connectTls({ hostname: HOSTNAME, port, context: trusting });
      await settle();
      // One accept() was under way when the last place was taken.
      assertLess(accepted, 130);
      const stalled = accepted;
      const server = await listener.accept();
      clients.push(await last);
      assertEquals(accepted, Math.max(stalled, 129));
      listener.close();
      await Promise.all([...clients, server].map((socket) => socket.close()));
    });
  },
);
