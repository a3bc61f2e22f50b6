/** `serveTls`: a handler of requests, as `Deno.serve` has it, behind TLS. */
import { once } from "node:events";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { serveTls, type ServeTlsHandler } from "../../../src/node/http/mod.ts";
import { consoleErrors } from "../../support/console_errors.ts";
import { HttpsSite } from "../../support/https_site.ts";
import { PKI } from "../../support/node_tls.ts";

const WAYS = ["ask", "askHttp2"] as const;
const BIG = "sesame ".repeat(40_000);

const echo: ServeTlsHandler = async (request) =>
  Response.json({
    method: request.method,
    url: request.url.replace(/:\d+/, ""),
    header: request.headers.get("x-word"),
    body: await request.text(),
  });

for (const way of WAYS) {
  describe(`serveTls, by ${way === "ask" ? "HTTP/1.1" : "HTTP/2"},`, () => {
    it("hands over requests", async () => {
      await using site = await HttpsSite.start(echo);
      const { status, text } = await site[way]("/a/b?c=d", {
        method: "PUT",
        headers: { "x-word": "open" },
        body: BIG,
      });
      assertEquals(status, 200);
      assertEquals(JSON.parse(text), {
        method: "PUT",
        url: "https://localhost/a/b?c=d",
        header: "open",
        body: BIG,
      });
    });

    it("sends statuses, headers and cookies, and no body with HEAD and 204", async () => {
      await using site = await HttpsSite.start(({ url }) => {
        const headers = new Headers({ "x-word": "open" });
        headers.append("set-cookie", "a=1");
        headers.append("set-cookie", "b=2");
        return url.endsWith("/none")
          ? new Response(null, { status: 204 })
          : new Response("sesame", { status: 418, headers });
      });
      const answer = await site[way]("/");
      assertEquals(answer.status, 418);
      assertEquals(answer.text, "sesame");
      assertEquals(answer.headers["x-word"], "open");
      assertEquals(answer.headers["set-cookie"], ["a=1", "b=2"]);
      const head = await site[way]("/", { method: "HEAD" });
      assertEquals([head.status, head.text], [418, ""]);
      const none = await site[way]("/none");
      assertEquals([none.status, none.text], [204, ""]);
    });

    it("streams a body in as it is sent, and out as it is made", async () => {
      await using site = await HttpsSite.start(({ body }) =>
        new Response(body)
      );
      const heard = Promise.withResolvers<void>();
      async function* parts(): AsyncGenerator<string> {
        yield "open ";
        await Promise.resolve();
        yield BIG;
        heard.resolve();
      }
      const { text } = await site[way]("/", { method: "POST", body: parts() });
      await heard.promise;
      assertEquals(text, `open ${BIG}`);
    });

    it("answers with 500, or as onError says, if the handler fails", async () => {
      const fail = (): never => {
        throw new Error("no");
      };
      await using site = await HttpsSite.start(fail);
      const errors = await consoleErrors(async () => {
        const { status, text } = await site[way]("/");
        assertEquals([status, text], [500, "Internal Server Error"]);
      });
      assertMatch(String(errors), /no/);

      await using other = await HttpsSite.start(fail, {
        onError: (error) => new Response(String(error), { status: 503 }),
      });
      const { status, text } = await other[way]("/");
      assertEquals([status, text], [503, "Error: no"]);
    });

    it("takes what is no response for a failure", async () => {
      const used = new Response("used");
      await used.text();
      for (const answer of [undefined, {}, Response.error(), used]) {
        await using site = await HttpsSite.start(() => answer as Response, {
          onError: (error) => new Response((error as Error).name),
        });
        assertEquals((await site[way]("/")).text, "TypeError");
      }
    });

    it("sends no headers of the connection that a handler has set", async () => {
      const headers = { "proxy-connection": "x", "transfer-encoding": "x" };
      await using site = await HttpsSite.start(() =>
        new Response("sesame", { headers })
      );
      const answer = await site[way]("/");
      assertEquals([answer.status, answer.text], [200, "sesame"]);
      assertEquals(answer.headers["proxy-connection"], undefined);
    });

    it("goes on after a body that nobody has read", async () => {
      await using site = await HttpsSite.start(() => new Response("no"));
      for (let i = 0; i < 2; i++) {
        const { text } = await site[way]("/", { method: "POST", body: BIG });
        assertEquals(text, "no");
      }
    });

    it("says who asks, over what, and when it is done", async () => {
      const done = Promise.withResolvers<void>();
      await using site = await HttpsSite.start(
        (_, { remoteAddr, socket, completed }) => {
          completed.then(done.resolve, done.reject);
          return Response.json([
            remoteAddr.transport,
            remoteAddr.hostname,
            socket.getProtocol(),
          ]);
        },
      );
      const { text } = await site[way]("/");
      assertEquals(JSON.parse(text), ["tcp", "127.0.0.1", "TLSv1.3"]);
      await done.promise;
    });
  });
}

describe("serveTls", () => {
  it("aborts a request's signal when the client leaves, and ends the body", async () => {
    for (const protocol of ["http/1.1", "h2"]) {
      const asked = Promise.withResolvers<void>();
      const aborted = Promise.withResolvers<void>();
      const cancelled = Promise.withResolvers<void>();
      await using site = await HttpsSite.start(({ signal }) => {
        signal.addEventListener("abort", () => aborted.resolve());
        asked.resolve();
        return new Response(
          new ReadableStream({
            start: (controller) => controller.enqueue(new Uint8Array(1)),
            cancel: () => cancelled.resolve(),
          }),
        );
      });
      if (protocol === "h2") {
        const session = await site.http2();
        session.on("error", () => {});
        session.request({ ":path": "/" }).on("error", () => {});
        await asked.promise;
        session.destroy();
      } else {
        const socket = await site.connect();
        socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await asked.promise;
        socket.destroy();
      }
      await Promise.all([aborted.promise, cancelled.promise]);
    }
  });

  it("refuses requests that can't be one of Fetch's", async () => {
    await using site = await HttpsSite.start(() => new Response("handled"));
    const statuses: string[] = [];
    for (
      const head of [
        "GET / HTTP/1.1\r\nHost: a/b",
        "GET / HTTP/1.1\r\nHost: user@host",
        "TRACE / HTTP/1.1\r\nHost: localhost",
      ]
    ) {
      const socket = await site.connect();
      socket.write(`${head}\r\nConnection: close\r\n\r\n`);
      const [data] = await once(socket, "data");
      statuses.push(String(data).split(" ")[1] ?? "");
      socket.destroy();
    }
    assertEquals(statuses, ["400", "400", "501"]);
  });

  it("reads on after a body that nobody reads, but not without end", async () => {
    await using site = await HttpsSite.start(({ method }) =>
      new Response(method)
    );
    const socket = await site.connect();
    const post = (length: number): void =>
      void socket.write(
        `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`,
      );
    post(250_000);
    assertMatch(String((await once(socket, "data"))[0]), /POST$/);
    socket.write(new Uint8Array(250_000));
    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertMatch(String((await once(socket, "data"))[0]), /GET$/);

    const length = 100_000_000;
    post(length);
    let isClosed = false;
    socket.on("error", () => {}).resume();
    socket.once("close", () => isClosed = true);
    while (!isClosed && socket.bytesWritten < length) {
      await new Promise((resolve) =>
        socket.write(new Uint8Array(65_536), resolve)
      );
    }
    assert(socket.bytesWritten < 20_000_000);
  });

  it("keeps a connection of HTTP/1.1 for more requests", async () => {
    await using site = await HttpsSite.start(() => new Response("sesame"));
    const socket = await site.connect();
    for (let i = 0; i < 3; i++) {
      socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      const [data] = await once(socket, "data");
      assertMatch(String(data), /^HTTP\/1.1 200 .*sesame$/s);
    }
    socket.destroy();
  });

  it("shuts down when all requests are answered", async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    await using site = await HttpsSite.start(async () => {
      asked.resolve();
      await answer.promise;
      return new Response("late");
    });
    const idle = await site.connect();
    const late = site.ask("/");
    await asked.promise;
    const shut = site.server.shutdown();
    await once(idle.resume(), "close");
    answer.resolve();
    assertEquals((await late).text, "late");
    await shut;
    await assertRejects(() => site.ask("/"));
  });

  it("sends no body of another length than the response says", async () => {
    const responses = [
      () =>
        new Response("more than two", { headers: { "content-length": "2" } }),
      () => new Response("less", { headers: { "content-length": "20" } }),
      () => new Response(null, { headers: { "content-length": "2" } }),
      () => new Response("x", { headers: { "content-length": "x" } }),
      // node:http refuses it in a header.
      () => new Response("x", { headers: { "x-echo": "\x01" } }),
    ];
    for (const respond of responses) {
      await using site = await HttpsSite.start(respond);
      const socket = await site.connect();
      let text = "";
      socket.on("data", (data) => text += data).on("error", () => {});
      socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await new Promise((resolve) => socket.once("close", resolve));
      assertEquals(text, "");
    }
  });

  it("doesn't listen if its signal has aborted", async () => {
    const server = serveTls({
      ...PKI.server,
      port: 0,
      signal: AbortSignal.abort(),
    }, () => new Response());
    await server.finished;
    await assertRejects(() => server.listening, Error, "stopped");
  });

  it("closes all at once when its signal aborts", async () => {
    const asked = Promise.withResolvers<void>();
    const abort = new AbortController();
    await using site = await HttpsSite.start(() => {
      asked.resolve();
      return new Promise<Response>(() => {});
    }, { signal: abort.signal });
    const answer = assertRejects(() => site.ask("/"));
    await asked.promise;
    abort.abort();
    await Promise.all([site.server.finished, answer]);
  });

  it("hands over connections that ask for another protocol", async () => {
    await using site = await HttpsSite.start(() => new Response("http"), {
      onUpgrade: (_, socket) => {
        socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
        socket.once("data", (data) => socket.end(data));
      },
    });
    const socket = await site.connect();
    const upgrade = "Connection: Upgrade\r\nUpgrade: echo\r\n\r\n";
    socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\n${upgrade}`);
    assertMatch(String((await once(socket, "data"))[0]), /^HTTP\/1.1 101 /);
    socket.write("sesame");
    assertEquals(String((await once(socket, "data"))[0]), "sesame");
    socket.destroy();
  });

  it("rejects if it can't listen", async () => {
    await using site = await HttpsSite.start(() => new Response());
    const options = { ...PKI.server, hostname: "127.0.0.1", port: site.port };
    const server = serveTls(options, () => new Response());
    const error = await assertRejects(() => server.finished, Error);
    assertEquals((error as { code?: string }).code, "EADDRINUSE");
    await assertRejects(() => server.listening, Error);
  });

  it("doesn't fail to listen without a word", async () => {
    await using site = await HttpsSite.start(() => new Response());
    const unhandled = Promise.withResolvers<unknown>();
    const hear = (event: PromiseRejectionEvent): void => {
      event.preventDefault();
      unhandled.resolve(event.reason);
    };
    globalThis.addEventListener("unhandledrejection", hear);
    const options = { ...PKI.server, hostname: "127.0.0.1", port: site.port };
    const { finished } = serveTls(options, () => new Response());
    const reason = await unhandled.promise;
    globalThis.removeEventListener("unhandledrejection", hear);
    assertEquals(await assertRejects(() => finished), reason);
  });

  it("is done with a failure to listen that `listening` has told of", async () => {
    await using site = await HttpsSite.start(() => new Response());
    const options = { ...PKI.server, hostname: "127.0.0.1", port: site.port };
    const server = serveTls(options, () => new Response());
    // A rejection of `finished` that no one handles would fail this test.
    await assertRejects(() => server.listening, Error);
  });

  it("refuses to serve without a certificate and its key", () => {
    const handler: ServeTlsHandler = () => new Response();
    const { cert } = PKI.server;
    assertThrows(() => serveTls({}, handler), TypeError, "options.cert");
    assertThrows(() => serveTls({ cert }, handler), TypeError, "options.key");
  });

  it("refuses options of other types", () => {
    const handler: ServeTlsHandler = () => new Response();
    for (
      const options of [
        { port: 65_536 },
        { signal: {} },
        { onListen: 1 },
        { onError: 1 },
        { onUpgrade: 1 },
        { key: 1 },
      ]
    ) {
      assertThrows(() =>
        serveTls({ ...PKI.server, ...options } as never, handler)
      );
    }
  });

  it("refuses options that nobody knows, and says what was meant", () => {
    const handler: ServeTlsHandler = () => new Response();
    for (
      const [options, message] of [
        [
          { prt: 1 },
          "options.prt is not an option of serveTls: did you mean port?",
        ],
        [{ host: "::1" }, "did you mean hostname?"],
        [{ alpnProtocols: ["h2"] }, "did you mean ALPNProtocols?"],
        [{ backlog: 1 }, "options.backlog is not an option of serveTls"],
      ] as const
    ) {
      assertThrows(
        () => serveTls({ ...PKI.server, ...options } as never, handler),
        TypeError,
        message,
      );
    }
    assertThrows(
      () => serveTls(handler as never, handler),
      TypeError,
      "options must be an object, received a function",
    );
  });

  it("refuses a handler that is no function, and says what it is", () => {
    assertThrows(
      () => serveTls(PKI.server, new Response() as never),
      TypeError,
      "handler must be a function, received an object of class Response",
    );
  });
});
