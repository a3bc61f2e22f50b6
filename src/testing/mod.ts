/**
 * What tests of TLS code and of session stores need: real OpenSSL in a box, with a clock, an
 * entropy source and a network that the test is in charge of; certificates good and bad;
 * traces of what was said; and stores that misbehave as planned.
 *
 * @module
 */
export * from "./assertions.ts";
export * from "./certificate.ts";
export { VirtualClock } from "./clock.ts";
export type { Endpoint } from "./endpoint.ts";
export { randomSeed, type Seed, seededEntropy } from "./entropy.ts";
export * from "./faulty_store.ts";
export * from "./network.ts";
export * from "./pair.ts";
export * from "./pki.ts";
export {
  createTlsSandbox,
  type TlsSandbox,
  type TlsSandboxOptions,
} from "./sandbox.ts";
export * from "./scenario.ts";
export * from "./spy_store.ts";
export * from "./store_conformance.ts";
export * from "./trace.ts";
export * from "./transports.ts";
