/**
 * What tests of TLS code and of session stores need: certificates made on the spot,
 * and the promises that every store must keep.
 *
 * @module
 */
export * from "./certificate.ts";
export * from "./store_conformance.ts";
