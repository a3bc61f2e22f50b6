/** How often a connection over raw libssl crosses the border: the calls it asks for, and little else. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type SSL_CTX,
  SSL_OP_NO_TICKET,
  SSL_SESS_CACHE_NO_INTERNAL,
  SSL_SESS_CACHE_SERVER,
  type SSL_SESSION,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../src/libssl/mod.ts";
import { noting } from "../support/crossings.ts";
import { made, Pair } from "../support/pair.ts";
import { Peers } from "../support/peers.ts";

interface Lab {
  peers: Peers;
  /** The crossings while `action` runs, as {@linkcode noting} names them. */
  during(action: () => void): string[];
  server: SSL_CTX;
  client: SSL_CTX;
  /** One connection, resumed if there is a session: the client's session after it. */
  visit(session?: SSL_SESSION): SSL_SESSION;
}

/** An instance whose crossings are counted, and a server with sessions outside of OpenSSL. */
function setUp(version: number): Lab {
  const calls: string[] = [];
  const peers = noting(() => new Peers(), (call) => void calls.push(call));
  const during = (action: () => void): string[] => {
    calls.length = 0;
    action();
    return calls.slice();
  };
  const { libssl } = peers;
  const [server, client] = [
    peers.server({
      version,
      options: SSL_OP_NO_TICKET,
      cacheMode: SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL,
    }),
    peers.client({ version }),
  ];
  const store = new Map<string, Uint8Array>();
  libssl.SSL_CTX_sess_set_new_cb(server, (_ssl, session) => {
    const id = libssl.SSL_SESSION_get_id(session).toHex();
    store.set(id, made(libssl.i2d_SSL_SESSION(session)));
    return 0;
  });
  libssl.SSL_CTX_sess_set_get_cb(server, (_ssl, id, copy) => {
    copy.value = 0;
    return libssl.d2i_SSL_SESSION(made(store.get(id.toHex()) ?? null));
  });
  const visit = (session?: SSL_SESSION): SSL_SESSION => {
    const options = session ? { session } : {};
    const pair = new Pair(libssl, server, client, options);
    pair.handshake();
    assertEquals(pair.resumed, session !== undefined);
    const next = made(libssl.SSL_get1_session(pair.client));
    pair.close();
    if (session) libssl.SSL_SESSION_free(session);
    return next;
  };
  return { peers, during, server, client, visit };
}

describe("a resumed connection, both ends in one instance", () => {
  for (
    const [name, version, most] of [
      ["TLS 1.2", TLS1_2_VERSION, 46],
      ["TLS 1.3", TLS1_3_VERSION, 53],
    ] as const
  ) {
    it(`${name}: crosses at most ${most} times`, () => {
      const { peers, during, visit } = setUp(version);
      using _ = peers;
      let session = visit(visit());
      const crossings = during(() => session = visit(session));
      peers.libssl.SSL_SESSION_free(session);
      assert(crossings.length <= most, crossings.join(" "));
      // Arguments are passed without malloc, callbacks are wrapped in C.
      assertEquals(
        countOf(
          crossings,
          ">malloc",
          ">free",
          ">ERR_set_mark",
          ">ERR_pop_to_mark",
        ),
        0,
      );
      assertEquals(countOf(crossings, "<info", "<message"), 0);
    });
  }
});

describe("the end of an object", () => {
  it("is told once for each object that JavaScript has a handle of, and for no other", () => {
    const { peers, during, server, client } = setUp(TLS1_2_VERSION);
    using _ = peers;
    const { libssl } = peers;
    new Pair(libssl, server, client).close();
    const ssl = made(libssl.SSL_new(client));
    const unseen = during(() => libssl.SSL_free(ssl));
    assertEquals(countOf(unseen, "<object_freed"), 0);

    const pair = peers.connect(server, client);
    libssl.SSL_get_session(pair.client);
    const seen = during(() => pair.close());
    // The two BIOs, and each side's session; the connections are freed by JavaScript itself.
    assertEquals(countOf(seen, "<object_freed"), 4);
  });

  it("is told of every object, however many there are", () => {
    const { peers, during } = setUp(TLS1_2_VERSION);
    using _ = peers;
    const { libssl } = peers;
    const sessions = Array.from(
      { length: 20_000 },
      () => made(libssl.SSL_SESSION_new()),
    );
    const freed = during(() =>
      sessions.forEach((session) => libssl.SSL_SESSION_free(session))
    );
    assertEquals(countOf(freed, "<object_freed"), sessions.length);
  });
});

describe("a callback", () => {
  it("of information, messages or keys is called only while one is set", () => {
    const { peers, during, server, client } = setUp(TLS1_3_VERSION);
    using _ = peers;
    const { libssl } = peers;
    const names = ["<info", "<message", "<keylog"];
    const visit = (): number =>
      countOf(
        during(() => {
          const pair = new Pair(libssl, server, client);
          pair.handshake();
          pair.close();
        }),
        ...names,
      );
    libssl.SSL_CTX_set_info_callback(server, () => {});
    libssl.SSL_CTX_set_msg_callback(server, () => {});
    libssl.SSL_CTX_set_keylog_callback(server, () => {});
    assert(visit() > 20);
    libssl.SSL_CTX_set_info_callback(server, null);
    libssl.SSL_CTX_set_msg_callback(server, null);
    libssl.SSL_CTX_set_keylog_callback(server, null);
    assertEquals(visit(), 0);
  });
});

describe("the clock", () => {
  it("is read at most once by each call, and again after a callback", () => {
    const { peers, during, visit } = setUp(TLS1_3_VERSION);
    using _ = peers;
    let session = visit();
    const crossings = during(() => session = visit(session));
    peers.libssl.SSL_SESSION_free(session);
    const reads = countOf(crossings, "<clock");
    assert(reads > 0 && reads < crossings.length / 5);
  });

  it("that has moved is seen by the next call, also in the same callback", () => {
    const { peers, server, client } = setUp(TLS1_2_VERSION);
    using _ = peers;
    const { libssl } = peers;
    const times: number[] = [];
    const time = (): void => {
      const session = made(libssl.SSL_SESSION_new());
      times.push(libssl.SSL_SESSION_get_time_ex(session) - peers.now);
      libssl.SSL_SESSION_free(session);
    };
    libssl.SSL_CTX_sess_set_new_cb(server, () => {
      time();
      peers.sleep(10);
      time();
      return 0;
    });
    time();
    peers.connect(server, client).close();
    peers.sleep(10);
    time();
    assertEquals(times, [0, 0, 0, 0]);
  });
});

/** How many of the crossings are of some functions. */
function countOf(crossings: readonly string[], ...names: string[]): number {
  return crossings.filter((call) => names.includes(call)).length;
}
