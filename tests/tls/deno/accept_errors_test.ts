import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { concernsOneConnection } from "../../../src/tls/deno/accept_errors.ts";

describe("A failure to accept", () => {
  const coded = (code?: string): Error =>
    Object.assign(new Deno.errors.ConnectionReset("gone"), { code });

  it("concerns one connection that was reset, by its code or name", () => {
    for (const code of ["ECONNRESET", "ECONNABORTED", "EPROTO", undefined]) {
      assertEquals(concernsOneConnection(coded(code)), true, code);
    }
    assertEquals(concernsOneConnection(new Deno.errors.TimedOut()), true);
  });

  it("concerns the host otherwise, whatever the name of what has a code", () => {
    for (const code of ["EMFILE", "ENFILE", "ENOMEM", "EBADF"]) {
      assertEquals(concernsOneConnection(coded(code)), false, code);
    }
    const others = [
      new Error("other"),
      new Deno.errors.BadResource(),
      { name: "ConnectionReset" },
      { code: "ECONNRESET" },
      null,
      undefined,
    ];
    for (const other of others) {
      assertEquals(concernsOneConnection(other), false);
    }
  });
});
