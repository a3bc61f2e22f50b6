/**
 * Tools for tests of TLS code and of session stores: isolated OpenSSL instances with a clock,
 * an entropy source and a network that the test controls, valid and invalid certificates,
 * traces of connections, and stores with planned faults.
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
