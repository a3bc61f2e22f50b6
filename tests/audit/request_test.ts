import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { findingsOf } from "./findings_of.ts";
import { LibsslServer, PKI } from "./wrong/libssl_server.ts";

describe("The request of an audit", () => {
  /** The requests that a server is sent. */
  async function requestsOf(
    options: { names?: string[]; request?: string },
  ): Promise<string[]> {
    const requests: string[] = [];
    using server = new LibsslServer({
      answer(data): Uint8Array {
        requests.push(new TextDecoder().decode(data));
        return data;
      },
    });
    await findingsOf(server, "isolation/other-name", options);
    return requests;
  }

  it("is to the host that a connection asks for", async () => {
    const names = ["one.test", "two.test"];
    const requests = await requestsOf({ names });
    const hosts = requests.map((text) => /^Host: (.*)\r$/m.exec(text)?.[1]);
    assertEquals([...new Set(hosts)].sort(), names);
  });

  it("is one of HTTP/2 where that is selected, whose status counts", async () => {
    const requests: string[] = [];
    // 0x8c: 400 (Bad Request). A server that has settings says them first.
    const settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    const refusal = [0, 0, 1, 1, 5, 0, 0, 0, 1, 0x8c];
    using server = new LibsslServer({
      trust: [PKI.ca.cert],
      clientAuth: "request",
      setUp(libssl, ctx): void {
        libssl.SSL_CTX_set_alpn_select_cb(ctx, () => "h2");
      },
      answer(data): Uint8Array {
        requests.push(new TextDecoder().decode(data));
        return Uint8Array.of(...settings, ...refusal);
      },
    });
    const options = { alpnProtocols: ["h2", "http/1.1"] };
    const [finding] = await findingsOf(server, "behaviour/kinds", options);
    assertEquals(finding?.facts.clientCertificate, "required");
    assertEquals(requests.every((text) => text.startsWith("PRI * ")), true);
  });

  it("is what the options say", async () => {
    const names = ["one.test", "two.test"];
    const requests = await requestsOf({ names, request: "hello" });
    assertEquals([...new Set(requests)], ["hello"]);
  });
});
