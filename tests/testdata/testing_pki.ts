/**
 * Prints the certificates of a PKI: `testing_pki.ts SEED KEY_TYPE START NAME...`.
 *
 * @module
 */
import type { TestKeyType } from "../../src/testing/certificate.ts";
import { createTestPki, type TestPki } from "../../src/testing/pki.ts";

const [seed = "", keyType, start, ...names] = Deno.args;
const pki = createTestPki({
  seed,
  keyType: keyType as TestKeyType,
  now: () => Number(start),
});
const certificates = names.map((name) => pki[name as keyof TestPki]);
console.log(JSON.stringify([...certificates, pki.issue()]));
