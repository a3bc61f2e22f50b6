import {
  SSL_CLIENT_HELLO_ERROR,
  SSL_CLIENT_HELLO_RETRY,
  SSL_CLIENT_HELLO_SUCCESS,
} from "../../libssl/constants.ts";
import type { HelloAnswer, SessionTerms } from "../../libssl/machine_types.ts";

/** Suspends the handshake. */
export const RETRY: HelloAnswer = {
  result: SSL_CLIENT_HELLO_RETRY,
  alert: 0,
  terms: undefined,
  finds: 0,
};

/** Continues the handshake, on `terms` if they are new. */
export function proceed(
  terms: SessionTerms | undefined,
  finds: number,
): HelloAnswer {
  return { result: SSL_CLIENT_HELLO_SUCCESS, alert: 0, terms, finds };
}

/** Ends the handshake by an alert. */
export function refusal(alert: number): HelloAnswer {
  return { ...RETRY, result: SSL_CLIENT_HELLO_ERROR, alert };
}
