import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../../src/internal/session_arguments.ts";
import { Internals } from "../../src/internal/internals.ts";
import { EncryptedSessionStore } from "../../src/stores/encrypted.ts";
import type { SessionStore } from "../../src/stores/session_store.ts";

const ID = new Uint8Array(32);
const RECORD = new Uint8Array(1);
const expiresAt = new Date(1000);

describe("The arguments of a session store", () => {
  it("are an id of at most 1024 bytes", () => {
    checkId(new Uint8Array());
    checkId(new Uint8Array(1024));
    assertThrows(() => checkId(new Uint8Array(1025)), RangeError, "1025");
    for (const id of ["id", null, [1]]) {
      assertThrows(() => checkId(id as never), TypeError, "id must be a");
    }
  });

  it("are a record that expires", () => {
    assertEquals(checkSetArguments(ID, RECORD, { expiresAt }), 1000);
    const wrong: [() => unknown, ErrorConstructor, string][] = [
      [
        () => checkSetArguments("id" as never, RECORD, { expiresAt }),
        TypeError,
        "id must be a Uint8Array",
      ],
      [
        () => checkSetArguments(ID, "record" as never, { expiresAt }),
        TypeError,
        "record must be a Uint8Array",
      ],
      [
        () => checkSetArguments(ID, RECORD, { expiresAt: 1000 as never }),
        TypeError,
        "expiresAt must be a Date, received 1000",
      ],
      [
        () => checkSetArguments(ID, RECORD, { expiresAt: new Date(NaN) }),
        RangeError,
        "expiresAt must be a valid date",
      ],
      [
        () => checkSetArguments(ID, RECORD, { expiresAt, tag: "" }),
        RangeError,
        "tag must be 1 to 256 bytes",
      ],
    ];
    for (const [call, type, words] of wrong) assertThrows(call, type, words);
  });

  it("are a tag of 1 to 256 bytes of well-formed text", () => {
    checkTag("a");
    checkTag("é".repeat(128));
    for (const tag of ["", "é".repeat(129), "\ud800"]) {
      assertThrows(() => checkTag(tag), RangeError, "tag must be 1 to 256");
    }
    assertThrows(() => checkTag(1 as never), TypeError, "must be a string");
  });

  it("are looked at before they are given to a store that doesn't look", async () => {
    const careless: SessionStore = {
      get: () => undefined,
      take: () => undefined,
      set: () => {},
      delete: () => {},
    };
    const key = EncryptedSessionStore.generateKey();
    const store = new EncryptedSessionStore(careless, [key]);
    const wrong = "id" as never;
    const calls = [
      () => store.get(wrong),
      () => store.take?.(wrong),
      () => store.set(wrong, RECORD, { expiresAt }),
      () => store.delete(wrong, "revoked"),
    ];
    for (const call of calls) {
      await assertRejects(async () => await call(), TypeError, "id must be a");
    }
  });
});

describe("The inner objects of a class", () => {
  it("are those of its instances alone", () => {
    class Example {}
    const internals = new Internals<number>("Example");
    const instance = new Example();
    internals.set(instance, 1);
    assertEquals(internals.get(instance), 1);
    assertEquals(
      [instance, new Example(), null, 1].map((value) => internals.has(value)),
      [true, false, false, false],
    );
    assertThrows(
      () => internals.get(new Example()),
      TypeError,
      "Expected an instance of Example",
    );
  });
});
