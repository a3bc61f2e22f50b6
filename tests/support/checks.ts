/**
 * Runs checks that are no tests of `deno test`, one after the other, and prints how each ends
 * and "N passed, N failed"; the exit code is 1 if one failed.
 */
export async function runChecks<Args extends readonly unknown[]>(
  checks: Readonly<Record<string, (...args: Args) => unknown>>,
  ...args: Args
): Promise<void> {
  let failed = 0;
  const all = Object.entries(checks);
  for (const [name, check] of all) {
    const start = performance.now();
    try {
      await check(...args);
      const seconds = (performance.now() - start) / 1000;
      console.log(`ok      ${name} (${seconds.toFixed(1)} s)`);
    } catch (error) {
      failed++;
      console.log(`FAILED  ${name}`, error);
    }
  }
  console.log(`${all.length - failed} passed, ${failed} failed`);
  Deno.exitCode = failed > 0 ? 1 : 0;
}
