/**
 * What can't be done at module scope, where a Worker has no entropy: why, in each case.
 *
 * @module
 */
import { TlsContext } from "@sesame/tls";
import { createTestCertificate } from "@sesame/tls/testing";

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
  createTestCertificate: whyNot(() => createTestCertificate()),
};

const worker: { fetch(request: Request): Response } = {
  fetch: ({ url }: Request): Response =>
    Response.json(
      new URL(url).pathname === "/nothing" ? {} : {
        atModuleScope,
        inRequest: whyNot(() => new TlsContext().close()),
      },
    ),
};

export default worker;
