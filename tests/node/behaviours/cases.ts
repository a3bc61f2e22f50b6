/** How `node:tls` behaves at the ends of connections, in errors and in callbacks that fail. */
import { Buffer } from "node:buffer";
import net from "node:net";
import { closed, type Scene } from "./scene.ts";

/** Something that happens, and its name. */
type Case = (scene: Scene) => Promise<void>;

const LATER = 10;

/** The cases, which are the same in TLS 1.2 and 1.3. */
export const CASES: Readonly<Record<string, Case>> = {
  "the server ends first": async (scene) => {
    await scene.serve({}, (socket) => {
      socket.on("data", (data) => {
        scene.say("server", "data", data);
        socket.end("bye");
      });
    });
    const client = scene.dial();
    client.on("data", (data) => scene.say("client", "data", data));
    client.on("secureConnect", () => {
      client.write("hi", () => scene.say("client", "written"));
    });
    await closed(client);
  },
  "the client ends first": async (scene) => {
    await scene.serve({}, (socket) => {
      socket.on("data", (data) => scene.say("server", "data", data));
    });
    const client = scene.dial().resume();
    client.on("secureConnect", () => {
      client.end("hi", () => scene.say("client", "ended"));
    });
    await closed(client);
  },
  "each direction ends by itself": async (scene) => {
    await scene.serve({ allowHalfOpen: true }, (socket) => {
      socket.on("data", (data) => scene.say("server", "data", data));
      socket.on("end", () => setTimeout(() => socket.end("late"), LATER));
    });
    const client = scene.dial({ allowHalfOpen: true });
    client.on("data", (data) => scene.say("client", "data", data));
    client.on("secureConnect", () => client.end("hi"));
    await closed(client);
  },
  "the client destroys itself at once": async (scene) => {
    await scene.serve();
    const client = scene.dial();
    client.destroy();
    await closed(client);
  },
  "the client destroys itself in the handshake": async (scene) => {
    await scene.serve();
    const client = scene.dial();
    client.on("connect", () => client.destroy(new Error("enough")));
    await closed(client);
  },
  "the client destroys itself when it is secure": async (scene) => {
    await scene.serve();
    const client = scene.dial();
    client.on("secureConnect", () => client.destroy());
    await closed(client);
  },
  "the server ends before the handshake": async (scene) => {
    const server = await scene.serve();
    server.prependListener("connection", (raw: net.Socket) => raw.end());
    await closed(scene.dial());
  },
  "the client writes after its end": async (scene) => {
    await scene.serve({}, (socket) => socket.resume());
    const client = scene.dial().resume();
    client.on("secureConnect", () => {
      client.end("a");
      client.write("b", (error) => scene.say("client", error));
    });
    await closed(client);
  },
  "a server that isn't trusted": async (scene) => {
    await scene.serve();
    const { otherCa } = scene.certificates;
    await closed(scene.dial({ ca: otherCa }));
  },
  "a server of another name": async (scene) => {
    await scene.serve();
    await closed(scene.dial({ servername: "example.org" }));
  },
  "a server that needn't be trusted": async (scene) => {
    await scene.serve({}, (socket) => socket.end());
    const { otherCa } = scene.certificates;
    const client = scene.dial({ ca: otherCa, rejectUnauthorized: false });
    client.on("secureConnect", () => {
      scene.say("client", client.authorized, client.authorizationError);
    });
    await closed(client.resume());
  },
  "a client that needn't be known": async (scene) => {
    const { ca } = scene.certificates;
    const options = { requestCert: true, rejectUnauthorized: false, ca };
    await scene.serve(options, (socket) => {
      const shown = JSON.stringify(socket.getPeerCertificate());
      scene.say("server", socket.authorized, socket.authorizationError, shown);
      socket.end();
    });
    await closed(scene.dial().resume());
  },
  "a client that is known": async (scene) => {
    const { ca, client: own } = scene.certificates;
    await scene.serve({ requestCert: true, ca }, (socket) => {
      const { subject } = socket.getPeerCertificate();
      scene.say("server", socket.authorized, subject.CN);
      socket.end();
    });
    await closed(scene.dial({ ...own }).resume());
  },
  "protocols that don't meet": async (scene) => {
    await scene.serve({ ALPNProtocols: ["a"] });
    await closed(scene.dial({ ALPNProtocols: ["b"] }));
  },
  "versions that don't meet": async (scene) => {
    await scene.serve({ minVersion: "TLSv1.2", maxVersion: "TLSv1.2" });
    await closed(scene.dial({ minVersion: "TLSv1.3" }));
  },
  "cipher suites that don't meet": async (scene) => {
    const maxVersion = "TLSv1.2";
    const ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
    await scene.serve({ ciphers, maxVersion });
    await closed(scene.dial({ ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384" }));
  },
  "HTTP without TLS": async (scene) => {
    await scene.serve();
    const raw = net.connect(scene.port, "127.0.0.1");
    raw.on("error", () => {}).resume().write("GET / HTTP/1.1\r\n\r\n");
    await closed(raw);
  },
  "an SNICallback that takes time, and one that throws": async (scene) => {
    let count = 0;
    await scene.serve({
      SNICallback: (name, done) => {
        scene.say("server", name);
        if (count++ > 0) throw new Error("no");
        setTimeout(() => done(null), LATER);
      },
    }, (socket) => socket.end());
    await closed(scene.dial().resume());
    await closed(scene.dial());
  },
  "an SNICallback that answers twice": async (scene) => {
    await scene.serve({
      SNICallback: (_, done) => {
        done(null);
        done(null);
      },
    });
    await closed(scene.dial());
  },
  "an ALPNCallback that chooses, refuses and makes up": async (scene) => {
    const answers = ["b", undefined, "zz"];
    await scene.serve({
      ALPNCallback: (offer) => {
        scene.say("server", JSON.stringify(offer));
        return answers.shift();
      },
    }, (socket) => {
      scene.say("server", socket.alpnProtocol);
      socket.end();
    });
    for (let i = 0; i < 3; i++) {
      await closed(scene.dial({ ALPNProtocols: ["a", "b"] }).resume());
    }
  },
  "an OCSP response, and none": async (scene) => {
    const server = await scene.serve({}, (socket) => socket.end());
    const ask = async (): Promise<void> => {
      const client = scene.dial({ requestOCSP: true }).resume();
      client.on("OCSPResponse", (response) => {
        scene.say("client", "OCSPResponse", response);
      });
      await closed(client);
    };
    await ask();
    server.on("OCSPRequest", (certificate, issuer, done) => {
      scene.say("server", certificate.length > 0, issuer?.length);
      setTimeout(() => done(null, Buffer.from("response")), LATER);
    });
    await ask();
  },
  "an OCSPRequest that fails": async (scene) => {
    const server = await scene.serve();
    server.on("OCSPRequest", (_, __, done) => {
      done(new Error("no"), Buffer.from(""));
    });
    await closed(scene.dial({ requestOCSP: true }));
  },
  "a handshake that takes too long": async (scene) => {
    const server = await scene.serve({ handshakeTimeout: 5 * LATER });
    server.on("tlsClientError", (_, socket) => socket.destroy());
    const raw = net.connect(scene.port, "127.0.0.1");
    await closed(raw.resume());
  },
  "a transport that ends without close_notify": async (scene) => {
    const server = await scene.serve({}, (socket) => {
      socket.resume();
      setTimeout(() => raw?.end(), LATER);
    });
    let raw: net.Socket | undefined;
    server.on("connection", (socket: net.Socket) => raw = socket);
    await closed(scene.dial().resume());
  },
  "a signal": async (scene) => {
    const controller = new AbortController();
    await scene.serve({}, (socket) => socket.resume());
    const client = scene.dial({ signal: controller.signal });
    client.on("secureConnect", () => controller.abort());
    await closed(client);
  },
  "what a socket says before and after": async (scene) => {
    await scene.serve({}, (socket) => socket.end());
    const client = scene.dial();
    const say = (): void =>
      scene.say(
        "client",
        client.getSession(),
        client.getCipher(),
        JSON.stringify(client.getPeerCertificate()),
        client.isSessionReused(),
        client.alpnProtocol,
        client.authorized,
        client.encrypted,
        client.destroyed,
        client.readyState,
        client.bytesWritten,
      );
    say();
    try {
      client.exportKeyingMaterial(10, "label", Buffer.from("context"));
    } catch (error) {
      scene.say("client", error);
    }
    await closed(client.resume());
    say();
  },
};
