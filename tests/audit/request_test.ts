import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { findingsOf } from "./findings_of.ts";
import { LibsslServer } from "./wrong/libssl_server.ts";

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

  it("is what the options say", async () => {
    const names = ["one.test", "two.test"];
    const requests = await requestsOf({ names, request: "hello" });
    assertEquals([...new Set(requests)], ["hello"]);
  });
});
