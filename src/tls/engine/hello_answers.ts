import {
  SSL_CLIENT_HELLO_ERROR,
  SSL_CLIENT_HELLO_RETRY,
  SSL_CLIENT_HELLO_SUCCESS,
} from "../../libssl/constants.ts";
import type { HelloAnswer, SessionTerms } from "../../libssl/machine_types.ts";

/** The handshake has to wait. */
export const RETRY: HelloAnswer = {
  result: SSL_CLIENT_HELLO_RETRY,
  alert: 0,
  terms: undefined,
  finds: 0,
};

/** The handshake goes on, on these terms if they are new. */
export function goOn(
  terms: SessionTerms | undefined,
  finds: number,
): HelloAnswer {
  return { result: SSL_CLIENT_HELLO_SUCCESS, alert: 0, terms, finds };
}

/** The handshake ends by an alert. */
export function refusal(alert: number): HelloAnswer {
  return { ...RETRY, result: SSL_CLIENT_HELLO_ERROR, alert };
}
