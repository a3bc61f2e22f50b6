import {
  checkSessionStore,
  type CheckSessionStoreOptions,
  type CreateSessionStore,
} from "../../src/testing/store_conformance.ts";

/** What the conformance suite finds wrong with a store, in its words. */
export async function failuresOf(
  create: CreateSessionStore,
  options?: CheckSessionStoreOptions,
): Promise<string[]> {
  const failures: string[] = [];
  const checks = checkSessionStore(create, options);
  await Promise.all(
    checks.map(({ run }) =>
      run().catch((error: Error) => failures.push(error.message))
    ),
  );
  return failures;
}
