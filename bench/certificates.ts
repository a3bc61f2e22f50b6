/**
 * Certificates for the peers written in JavaScript; native.c makes the same ones.
 *
 * @module
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTestCertificate } from "../src/testing/certificate.ts";

/** Writes `P-256.cert.pem`, `P-256.key.pem`, and the same for RSA. */
export async function writeCertificates(folder: string): Promise<void> {
  for (const keyType of ["P-256", "RSA-2048"] as const) {
    const { cert, key } = createTestCertificate({ keyType });
    await writeFile(join(folder, `${keyType}.cert.pem`), cert);
    await writeFile(join(folder, `${keyType}.key.pem`), key);
  }
}
