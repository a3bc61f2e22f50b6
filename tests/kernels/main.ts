/**
 * `deno task test:kernels`: builds a module that has the kernels of wasm/kernels and OpenSSL's C
 * code for the same, and compares them with each other, with `node:crypto` and with
 * OpenSSL's test vectors. An argument is the folder of an earlier `./build.sh --test-kernels`. The last
 * line is "N passed, N failed"; the exit code is 1 if anything failed.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { LONG_MS, run } from "../runtimes/command.ts";
import { CONSTANT_TIME_CHECKS } from "./constant_time.ts";
import { CURVE_CHECKS } from "./curve_checks.ts";
import { Kernels } from "./kernels.ts";
import { MOD_EXP_CHECKS } from "./mod_exp_checks.ts";
import { MONTGOMERY_CHECKS } from "./montgomery_checks.ts";
import { NODE_CHECKS } from "./node_checks.ts";
import { REFERENCE_CHECKS } from "./reference_checks.ts";
import { TLS_KDF_CHECKS } from "./tls_kdf_checks.ts";
import { VECTOR_CHECKS } from "./vector_checks.ts";
import { X25519_CHECKS } from "./x25519_checks.ts";
import { runChecks } from "../support/checks.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const folder = Deno.args[0] ?? await build();
try {
  const kernels = await Kernels.load(`${folder}/kernels.wasm`);
  await checkAll(kernels);
} finally {
  if (Deno.args[0] === undefined) {
    await Deno.remove(folder, { recursive: true });
  }
}

async function build(): Promise<string> {
  const made = await Deno.makeTempDir({ prefix: "sesame-kernels-" });
  const args = ["--test-kernels", made];
  await run(`${ROOT}build.sh`, args, { cwd: ROOT, timeout: LONG_MS });
  return made;
}

async function checkAll(kernels: Kernels): Promise<void> {
  await runChecks(
    {
      ...REFERENCE_CHECKS,
      ...NODE_CHECKS,
      ...VECTOR_CHECKS,
      ...MOD_EXP_CHECKS,
      ...MONTGOMERY_CHECKS,
      ...CURVE_CHECKS,
      ...X25519_CHECKS,
      ...TLS_KDF_CHECKS,
      ...CONSTANT_TIME_CHECKS,
    },
    kernels,
    folder,
  );
}
