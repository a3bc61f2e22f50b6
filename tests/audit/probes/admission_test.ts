import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isAdmitted } from "../../../src/audit/probes/admission.ts";
import { clientOf } from "../client/client_of.ts";
import { LibsslServer, PKI } from "../wrong/libssl_server.ts";

const REQUEST = new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n");

/** Whether a client is admitted that gets this answer. */
async function isAdmittedBy(answer: string): Promise<boolean> {
  using server = new LibsslServer({
    answer: () => new TextEncoder().encode(answer),
  });
  using client = clientOf({ ...server, request: () => REQUEST });
  return isAdmitted(await client.visit("tls1.3", {}));
}

describe("isAdmitted", () => {
  it("holds for any answer but the statuses by which HTTP refuses a client", async () => {
    const statuses = [200, 301, 400, 401, 403, 404, 421, 425, 495, 496, 500];
    const admitted: number[] = [];
    for (const status of statuses) {
      const answer = `HTTP/1.1 ${status} Status\r\n\r\n`;
      if (await isAdmittedBy(answer)) admitted.push(status);
    }
    assertEquals(admitted, [200, 301, 404, 425, 500]);
    assertEquals(await isAdmittedBy("400 in another protocol"), true);
  });

  it("doesn't hold where the handshake is refused", async () => {
    using server = new LibsslServer({ trust: [PKI.ca.cert] });
    using client = clientOf(server);
    assertEquals(isAdmitted(await client.visit("tls1.3", {})), false);
  });
});
