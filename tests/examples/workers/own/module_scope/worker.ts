/**
 * What can't be done at module scope, where a Worker has no entropy: why, in each case.
 *
 * @module
 */
import { TlsContext } from "@sesame/tls";

function whyNot(act: () => unknown): string {
  try {
    act();
    return "it can";
  } catch (error) {
    return String(error);
  }
}

const atModuleScope = {
  "new TlsContext": whyNot(() => new TlsContext()),
};

const worker: { fetch(): Response } = {
  fetch: (): Response =>
    Response.json({
      atModuleScope,
      inRequest: whyNot(() => new TlsContext().close()),
    }),
};

export default worker;
