import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { addressOf, type Example } from "./visit.ts";

interface Answer {
  readonly isolate: string;
  readonly resumed: boolean;
  readonly peerCertificate: { readonly subject: string };
  /** What nginx knows: the version, `r` if it resumed, what it thinks of the client. */
  readonly answer: string;
}

/** Resumes in another process by what a Durable Object has; nginx says so. */
export const client: Example = {
  name: "client",
  servers: ["nginx"],
  maxGzip: 1000,
  isPlain: true,
  async visit({ servers, start, measure }): Promise<void> {
    const { cert, key } = servers.site;
    const bindings = { ...addressOf(servers, "nginx"), CERT: cert, KEY: key };
    const answers: Answer[] = [];
    {
      await using worker = await start(bindings);
      await measure(worker, async () => {
        answers.push(await worker.json() as Answer);
      });
    }
    await using other = await start(bindings);
    const [first, ...rest] = [...answers, await other.json() as Answer];
    match(first?.answer ?? "", /^TLSv1.3 \. SUCCESS \d+$/);
    equal(first?.peerCertificate.subject, "CN=localhost");
    for (const { answer, resumed, peerCertificate } of rest) {
      match(answer, /^TLSv1.3 r SUCCESS \d+$/);
      equal(resumed, true);
      equal(peerCertificate.subject, "CN=localhost");
    }
    notEqual(rest.at(-1)?.isolate, first?.isolate);

    const CA = servers.pki.otherCa.cert;
    await using distrustful = await start({ ...bindings, CA });
    const { status, text } = await textOf(distrustful.fetch());
    equal(status, 500);
    match(text, /certificate/);
  },
};

/** The Worker of `docs/cloudflare.md`. */
export const guide: Example = {
  name: "guide",
  servers: ["nginx"],
  maxGzip: 1000,
  isPlain: true,
  async visit({ servers, start, measure }): Promise<void> {
    const { cert, key } = servers.site;
    const address = addressOf(servers, "nginx");
    await using worker = await start({ ...address, CERT: cert, KEY: key });
    let resumed = false;
    await measure(worker, async () => {
      const { answer, ...rest } = await worker.json() as { answer: string };
      deepEqual(rest, { resumed, subject: "CN=localhost" });
      match(answer, resumed ? /TLSv1.3 r SUCCESS/ : /TLSv1.3 \. SUCCESS/);
      resumed = true;
    });
  },
};

async function textOf(
  response: Promise<Response>,
): Promise<{ status: number; text: string }> {
  const { status } = await response;
  return { status, text: await (await response).text() };
}
