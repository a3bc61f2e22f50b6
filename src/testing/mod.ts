/**
 * What tests of TLS code need: certificates made on the spot.
 *
 * @module
 */
export * from "./certificate.ts";
