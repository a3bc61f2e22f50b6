/**
 * `session inspect`, on sessions of OpenSSL's own client, and on any bytes.
 *
 * @module
 */
import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  factsJson,
  factsText,
  sessionFacts,
} from "../../src/cli/session/facts.ts";
import { findSession } from "../../src/cli/session/session_file.ts";
import { openStore } from "../../src/cli/open_store.ts";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { runCli } from "../support/cli.ts";
import { Folder } from "../support/temp_folder.ts";
import { serve } from "../support/listeners.ts";
import { describeWith, type Output, run, start } from "../support/programs.ts";

describeWith("openssl", "session files and openssl", () => {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`reads what s_client -sess_out wrote, in ${version}`, async () => {
      await using folder = await Folder.make();
      using listener = serve({
        sessions: new MemorySessionStore(),
        alpnProtocols: ["h2"],
      });
      const { port } = listener.addr;
      const file = await sessionOfOpenssl(folder, port, version);
      const theirs = (await run("openssl", [
        ...["sess_id", "-in", file, "-text", "-noout"],
      ])).stdout;
      const ours = await inspect(file, "--json");
      const facts = JSON.parse(ours.stdout);
      const said = (name: string): string =>
        theirs.match(new RegExp(`${name} *: *(.*)`))?.[1] ?? "";

      assertEquals(facts.form, "PEM");
      assertEquals(facts.protocol, said("Protocol "));
      assertEquals(facts.id, said("Session-ID").toLowerCase());
      assertEquals(facts.idContext, said("Session-ID-ctx").toLowerCase());
      assertEquals(
        Date.parse(facts.created) / 1000,
        Number(said("Start Time")),
      );
      assertEquals(facts.timeout, parseInt(said("Timeout ")));
      const secret = said(
        version === "TLSv1.3" ? "Resumption PSK" : "Master-Key",
      );
      assertMatch(secret, /^[0-9A-F]{64,96}$/);
      assertHidden(ours, secret);

      const text = await inspect(file);
      assertStringIncludes(text.stdout, "(hidden: --secrets shows it)");
      assertMatch(text.stdout, /expires +\S+Z \(in 1 h 59 min\)/);
      assertHidden(text, secret);
      const secrets = await inspect(file, "--secrets");
      assertStringIncludes(secrets.stdout, secret.toLowerCase());

      const der = folder.path("session.der");
      await run("openssl", [
        ...["sess_id", "-in", file, "-outform", "DER", "-out", der],
      ]);
      const fromDer = JSON.parse((await inspect(der, "--json")).stdout);
      assertEquals(fromDer, { ...facts, form: "DER" });

      const visit = (...args: string[]): Promise<Output> =>
        runCli([
          ...["connect", `127.0.0.1:${port}`, "--ca", folder.certificate],
          ...["--session-in", file, "--servername", "localhost"],
          ...["--alpn", "h2", ...args],
        ]);
      // The session is bound to what OpenSSL's client chose, which ours says.
      const advice = /--\S+ \S+ requires it|--config \S+/;
      const [hint = ""] = advice.exec((await visit()).stdout) ?? [];
      const [option = "", value = ""] = hint.split(" ");
      const resumed = await visit(option, value);
      assertMatch(resumed.stdout, /resumed +yes/, resumed.stderr);
    });

    it(`writes what s_client -sess_in reads, in ${version}`, async () => {
      await using folder = await Folder.make();
      await using server = start("openssl", [
        ...["s_server", "-accept", "127.0.0.1:0", "-www"],
        ...["-cert", folder.certificate, "-key", folder.key],
        version === "TLSv1.2" ? "-tls1_2" : "-tls1_3",
      ]);
      const port = (await server.printed("ACCEPT")).split(":").at(-1);
      const file = folder.path("session.pem");
      const ours = await runCli([
        ...["connect", `127.0.0.1:${port}`, "--ca", folder.certificate],
        ...["--resume", "3", "--http", "/", "--session-out", file],
        // What s_client has the server choose: the session's hash must be the same.
        ...["--config", "Ciphersuites=TLS_AES_256_GCM_SHA384"],
      ]);
      assertEquals(ours.code, 0, ours.stderr);
      assertEquals(ours.stdout.match(/^New, TLSv1/gm)?.length, 1);
      assertEquals(ours.stdout.match(/^Reused, TLSv1/gm)?.length, 3);
      assertStringIncludes(ours.stderr, "Resumed 3 of 3 times");
      const theirs = await run("openssl", [
        ...["s_client", "-connect", `127.0.0.1:${port}`, "-sess_in", file],
        ...["-ciphersuites", "TLS_AES_256_GCM_SHA384", "-ign_eof"],
      ], "GET / HTTP/1.0\r\n\r\n");
      assertEquals(theirs.code, 0, theirs.stderr);
      // Once what its client says, and once the server's page.
      assertEquals(
        theirs.stdout.match(new RegExp(`^Reused, ${version}`, "gm"))?.length,
        2,
        theirs.stdout,
      );
    });
  }
});

describe("session inspect", () => {
  it("reads a record out of a store, also an encrypted one", async () => {
    await using folder = await Folder.make();
    const keys = folder.path("keys");
    await Deno.writeTextFile(keys, "ab".repeat(32), { mode: 0o600 });
    for (const how of [[], ["--encrypt-key-file", keys]]) {
      const spec = `sqlite:${folder.path(`sessions${how.length}.db`)}`;
      const opened = await openStore(
        spec,
        how.length ? { encryptKeyFile: keys } : {},
      );
      {
        using listener = serve({ sessions: opened.store });
        await runCli([
          ...["connect", `127.0.0.1:${listener.addr.port}`],
          ...["--ca", folder.certificate],
        ]);
      }
      await opened.close();
      const list = await runCli(["store", "list", "--store", spec, "--json"]);
      const { id } = JSON.parse(list.stdout.split("\n")[0] ?? "");
      const { stdout } = await inspect(id, "--store", spec, ...how, "--json");
      const facts = JSON.parse(stdout);
      assertEquals(facts.form, "store record");
      const shown = `${id.slice(0, 12)}...`;
      const byPrefix = await inspect(shown, "--store", spec, ...how, "--json");
      assertEquals(JSON.parse(byPrefix.stdout), facts);
      assertEquals(facts.protocol, "TLSv1.3");
      assertEquals(facts.id, id);
      assertEquals(facts.recordExpires, facts.expires);
      if (how.length === 0) continue;
      const unread = await inspect(id, "--store", spec);
      assertEquals(unread.code, 1);
      assertStringIncludes(unread.stderr, "--encrypt-key-file");
    }
  });

  it("names what is wrong with a file or an id", async () => {
    await using folder = await Folder.make();
    const spec = `sqlite:${folder.path("sessions.db")}`;
    await (await openStore(spec)).close();
    const cases: [string[], number, string][] = [
      [[folder.path("missing")], 2, "No such file"],
      [[folder.certificate], 1, "holds no TLS session"],
      [["/dev/zero"], 2, "too long"],
      [["abcd", "--store", spec], 1, "has no session abcd"],
      [["5f3c..."], 2, "add --store"],
      [["abcd", "--store", "memory"], 2, "memory"],
      [[], 2, "file-or-id"],
    ];
    await Promise.all(cases.map(async ([args, code, message]) => {
      const output = await inspect(...args);
      assertEquals(output.code, code, output.stderr);
      assertStringIncludes(output.stderr, message);
      assertEquals(output.stdout, "");
    }));
  });
});

describe("findSession", () => {
  it("accepts any bytes", async () => {
    await using folder = await Folder.make();
    using listener = serve();
    const file = folder.path("session.pem");
    await runCli([
      ...["connect", `127.0.0.1:${listener.addr.port}`],
      ...["--ca", folder.certificate, "--session-out", file],
    ]);
    const pem = await Deno.readFile(file);
    const found = findSession(pem);
    assert(found);
    const { der } = found;
    let read = 0;
    const look = (bytes: Uint8Array): void => {
      const found = findSession(bytes);
      if (!found) return;
      read++;
      const facts = sessionFacts(found, true);
      factsJson(facts);
      // deno-lint-ignore no-control-regex
      assertFalse(/[\x00-\x09\x0b-\x1f]/.test(factsText(facts, Date.now())));
    };
    for (let i = 0; i < der.length; i++) {
      look(der.subarray(0, i));
      for (const bits of [0x01, 0x80, 0xff]) {
        look(der.with(i, (der[i] ?? 0) ^ bits));
      }
    }
    for (let i = 0; i < pem.length; i += 7) {
      look(pem.subarray(0, i));
      look(pem.with(i, 0));
    }
    for (let length = 0; length < 300; length++) {
      look(crypto.getRandomValues(new Uint8Array(length)));
      look(new Uint8Array(length).fill(1));
    }
    assert(read > 0, "some of them are sessions still");
  });
});

/** A session that OpenSSL's client was given. */
async function sessionOfOpenssl(
  folder: Folder,
  port: number,
  version: "TLSv1.2" | "TLSv1.3",
): Promise<string> {
  const file = folder.path("theirs.pem");
  await using client = start("openssl", [
    ...["s_client", "-connect", `127.0.0.1:${port}`, "-sess_out", file],
    ...["-servername", "localhost", "-alpn", "h2"],
    // What it didn't trust our client doesn't trust either.
    ...["-CAfile", folder.certificate],
    // Another hash than that of the cipher that our client and server choose.
    ...["-ciphersuites", "TLS_AES_256_GCM_SHA384"],
    version === "TLSv1.2" ? "-tls1_2" : "-tls1_3",
  ]);
  // It comes back when the tickets, which precede it, have been read.
  await client.write("ping\n");
  await client.printed("ping");
  return file;
}

function inspect(...args: string[]): Promise<Output> {
  return runCli(["session", "inspect", ...args]);
}

function assertHidden({ stdout, stderr }: Output, secret: string): void {
  assertFalse((stdout + stderr).toLowerCase().includes(secret.toLowerCase()));
}
