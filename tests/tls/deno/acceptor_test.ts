import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  connectTls,
  listenTlsOver,
  TlsContext,
  TlsError,
  type TlsSocket,
} from "@sesame/tls";
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
      const listener = listenTlsOver({
        addr: tcp.addr,
        accept: () => failures-- > 0 ? Promise.reject(failure) : tcp.accept(),
        close: () => tcp.close(),
      }, {
        context,
        onConnectionError: (...report) => reports.push(report),
      });
      const loop = echo(listener);
      await assertEchoes(listener);
      assertEquals(reports, Array(3).fill([failure, null]));
      listener.close();
      await loop;
    });

    it("waits for 5 ms at first and 250 ms at most", async () => {
      using context = contextOf();
      const tcp = Deno.listen({ hostname: HOSTNAME, port: 0 });
      const { setTimeout } = globalThis;
      const pauses: (number | undefined)[] = [];
      let failures = 9;
      globalThis.setTimeout = ((callback: () => void, ms?: number) => {
        pauses.push(ms);
        return setTimeout(callback, 0);
      }) as typeof setTimeout;
      try {
        const failed = Promise.withResolvers<void>();
        using _listener = listenTlsOver({
          addr: tcp.addr,
          accept: () => {
            if (failures-- > 0) return Promise.reject(new Error("no room"));
            failed.resolve();
            return tcp.accept();
          },
          close: () => tcp.close(),
        }, { context });
        await failed.promise;
      } finally {
        globalThis.setTimeout = setTimeout;
      }
      assertEquals(pauses, [5, 10, 20, 40, 80, 160, 250, 250, 250]);
    });

    it("goes on at once after one that was reset, with a turn for others after 32", async () => {
      using context = contextOf();
      const tcp = Deno.listen({ hostname: HOSTNAME, port: 0 });
      const { setTimeout } = globalThis;
      const pauses: (number | undefined)[] = [];
      let resets = 100;
      globalThis.setTimeout = ((callback: () => void, ms?: number) => {
        pauses.push(ms);
        return setTimeout(callback, 0);
      }) as typeof setTimeout;
      try {
        const over = Promise.withResolvers<void>();
        using _listener = listenTlsOver({
          addr: tcp.addr,
          accept: () => {
            if (resets-- > 0) {
              return Promise.reject(new Deno.errors.ConnectionReset());
            }
            over.resolve();
            return tcp.accept();
          },
          close: () => tcp.close(),
        }, { context });
        await over.promise;
      } finally {
        globalThis.setTimeout = setTimeout;
      }
      assertEquals(pauses, [0, 0, 0]);
    });

    it("ends what was taken when it is closed already", async () => {
      using context = contextOf();
      using tcp = Deno.listen({ hostname: HOSTNAME, port: 0 });
      const taken = Promise.withResolvers<Deno.TcpConn>();
      const listener = listenTlsOver({
        addr: tcp.addr,
        accept: () => taken.promise,
        close: () => {},
      }, { context });
      const { port } = tcp.addr;
      const dialling = connectTls({
        hostname: HOSTNAME,
        port,
        caCerts: [cert],
      });
      const conn = await tcp.accept();
      listener.close();
      taken.resolve(conn);
      const client = await dialling;
      await assertRejects(() => client.closed, TlsError);
    });

    it("leaves updates to a context that it was given", () => {
      using context = contextOf();
      const tcp = Deno.listen({ hostname: HOSTNAME, port: 0 });
      using listener = listenTlsOver(tcp, { context });
      assertThrows(
        () => listener.update(certificate),
        TypeError,
        "it was given options.context",
      );
    });

    it("takes no more while 128 wait to be accepted", async () => {
      using context = contextOf();
      const tcp = Deno.listen({ hostname: HOSTNAME, port: 0 });
      let accepted = 0;
      const listener = listenTlsOver({
        addr: tcp.addr,
        accept: async () => {
          const conn = await tcp.accept();
          accepted++;
          return conn;
        },
        close: () => tcp.close(),
      }, { context });
      using trusting = new TlsContext({ caCerts: [cert] });
      const { port } = tcp.addr as Deno.NetAddr;
      const connect = (): Promise<TlsSocket> =>
        connectTls({ hostname: HOSTNAME, port, context: trusting });
      const clients: TlsSocket[] = [];
      while (clients.length < 128) clients.push(await connect());
      const late = [connect(), connect()];
      await settle();
      // One accept() was under way when the last place was taken.
      assertEquals(accepted, 129);
      const servers = [await listener.accept(), await listener.accept()];
      clients.push(...await Promise.all(late));
      assertEquals(accepted, 130);
      listener.close();
      await Promise.all(
        [...clients, ...servers].map((socket) => socket[Symbol.asyncDispose]()),
      );
    });
  },
);
