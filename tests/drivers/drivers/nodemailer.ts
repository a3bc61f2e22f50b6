import { match } from "node:assert/strict";
import type { Driver } from "../site.ts";

interface Transport {
  sendMail(mail: unknown): Promise<{ readonly response: string }>;
  close(): void;
}

interface Package {
  createTransport(options: unknown): Transport;
}

/** Exim writes the cipher of each message, with an asterisk if the session was resumed. */
export const nodemailer: Driver = {
  name: "nodemailer",
  visits: ["exim"],
  witness: "server",
  begin: ({ tls, sessions, port, log, load }) => {
    const { createTransport } = load<Package>("nodemailer");
    return async () => {
      const transport = createTransport({
        host: "localhost",
        port: port("exim"),
        requireTLS: true,
        tls: { ...tls, ...sessions },
      });
      const { response } = await transport.sendMail({
        from: "ali@localhost",
        to: "cassim@localhost",
        subject: "Open",
        text: "Sesame",
      });
      transport.close();
      match(response, /^250 /);
      const received = (await log("exim")).split("\n")
        .findLast((line) => line.includes(" <= ")) ?? "";
      match(received, new RegExp(` X=${tls.maxVersion.replace("v", "")}:`));
      return / X=\S+\* /.test(received);
    };
  },
};
