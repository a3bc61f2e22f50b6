import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { addressesOf } from "../../../src/tls/deno/tcp.ts";

type Answers = Partial<Record<"A" | "AAAA", string[] | Error>>;

/** What `addressesOf` returns with a DNS that answers so, and what it asked. */
async function resolved(
  hostname: string,
  answers: Answers = {},
): Promise<{ addresses: string[]; asked: string[] }> {
  const { resolveDns } = Deno;
  const asked: string[] = [];
  const answered = (name: string, type: "A" | "AAAA"): Promise<string[]> => {
    asked.push(`${name} ${type}`);
    const answer = answers[type] ?? new Deno.errors.NotFound();
    return Array.isArray(answer)
      ? Promise.resolve(answer)
      : Promise.reject(answer);
  };
  Object.assign(Deno, { resolveDns: answered });
  try {
    return { addresses: await addressesOf(hostname), asked };
  } finally {
    Object.assign(Deno, { resolveDns });
  }
}

describe("addressesOf", () => {
  it("asks DNS for names of several labels alone", async () => {
    for (const host of ["localhost", "192.0.2.1", "2001:db8::1"]) {
      const A = ["192.0.2.9"];
      assertEquals(await resolved(host, { A }), {
        addresses: [host],
        asked: [],
      });
    }
  });

  it("has the addresses of IPv4 in order, 16 at most, or those of IPv6", async () => {
    const A = Array.from({ length: 20 }, (_, i) => `192.0.2.${40 - i}`);
    const AAAA = ["2001:db8::2", "2001:db8::1"];
    assertEquals(await resolved("a.example", { A, AAAA }), {
      addresses: A.toSorted().slice(0, 16),
      asked: ["a.example A"],
    });
    assertEquals(await resolved("a.example", { AAAA }), {
      addresses: AAAA.toSorted(),
      asked: ["a.example A", "a.example AAAA"],
    });
  });

  it("is the host itself where DNS doesn't know it", async () => {
    const { addresses } = await resolved("a.example");
    assertEquals(addresses, ["a.example"]);
  });

  it("says which permission is missing", async () => {
    const A = new Deno.errors.NotCapable("Requires net access");
    await assertRejects(
      () => resolved("a.example", { A }),
      Deno.errors.NotCapable,
    );
  });
});
