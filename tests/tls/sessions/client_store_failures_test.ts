import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import type { StoreOperation } from "@sesame/tls";
import { createTestCertificate } from "@sesame/tls/testing";
import { certificate } from "../../support/engines.ts";
import { NOTHING_LEFT } from "../../support/sockets.ts";
import { movedFrom } from "../../support/detached_bytes.ts";
import { ClientLab } from "../../support/client_lab.ts";

const { cert } = certificate;
const lab = new ClientLab();

describe(
  "A client's store that fails costs a full handshake",
  NOTHING_LEFT,
  () => {
    beforeEach(() => lab.reset());

    const faults: [string, () => unknown, StoreOperation][] = [
      ["by throwing", () => {
        throw new Error("down");
      }, "take"],
      ["by rejecting", () => Promise.reject(new Error("down")), "take"],
      ["by not answering", () => new Promise(() => {}), "take"],
      ["by nonsense", () => new Uint8Array(100), "get"],
      ["by what isn't bytes", () => "session", "get"],
    ];
    for (const [how, fault, operation] of faults) {
      it(how, async () => {
        using server = lab.serve();
        await lab.visit(server);
        lab.store.handle = (call, act) =>
          call.operation === "take" ? fault() : act();
        assertEquals(await lab.resumes(server, { lookupTimeout: 20 }), false);
        assertEquals(lab.failures.map(([operation]) => operation), [operation]);
      });
    }

    it("by bytes that were given away", async () => {
      using server = lab.serve();
      await lab.visit(server);
      lab.store.handle = (call, act) => {
        const answer = act();
        if (call.operation === "take") movedFrom(answer as Uint8Array);
        return answer;
      };
      assertEquals(await lab.resumes(server), false);
      assertEquals(lab.failures.map(([operation]) => operation), ["get"]);
    });

    it("and not even that if it gives away what it is given", async () => {
      using server = lab.serve();
      const { store } = lab;
      const set = store.set.bind(store);
      store.set = (id, record, options) => set(id, movedFrom(record), options);
      await lab.visit(server);
      assertEquals(await lab.resumes(server), true);
      assertEquals(lab.failures, []);
    });

    it("by another server's record", async () => {
      using server = lab.serve();
      await lab.visit(server);
      lab.store.handle = (call, act) => {
        const answer = act();
        if (call.operation === "take" && answer instanceof Uint8Array) {
          answer.set([(answer[12] ?? 0) ^ 1], 12); // in what the session is bound to
        }
        return answer;
      };
      assertEquals(await lab.resumes(server), false);
      assertEquals(lab.failures.length, 1);
    });

    for (const slow of [false, true]) {
      it(slow ? "by not storing in time" : "by not storing", async () => {
        using server = lab.serve();
        lab.store.handle = (call, act) => {
          if (call.operation !== "set") return act();
          if (slow) return new Promise(() => {});
          throw new Error("full");
        };
        assertEquals(await lab.resumes(server, { writeTimeout: 20 }), false);
        assert(lab.failures.length > 0);
        assertEquals(lab.failures[0]?.[0], "set");
      });
    }

    it("by a session of another server's certificate", async () => {
      const other = createTestCertificate({ hosts: ["127.0.0.9"] });
      const trust = [cert, other.cert];
      using one = lab.serve();
      await lab.visit(one, { caCerts: trust });
      const [record] = lab.store.calls.filter(({ operation }) =>
        operation === "set"
      );
      assert(record);
      using liar = lab.serve({
        cert: other.cert,
        key: other.key,
        hostname: "127.0.0.9",
      });
      // The store gives for one server what is another's.
      lab.store.handle = (call, act) =>
        call.operation === "take" ? lab.store.inner.take(record.id) : act();
      assertEquals(
        await lab.resumes(liar, { caCerts: trust, hostname: "127.0.0.9" }),
        false,
      );
      assertEquals(lab.failures.length, 1);
      assertStringIncludes(String(lab.failures[0]?.[1]), "another server");
    });
  },
);
