import { Daemon, prepare, writeFile } from "../../../support/servers/daemon.ts";
import {
  type AuditedServer,
  type Configuration,
  HOSTS,
  type Node,
} from "../server.ts";
import { CHANGES, keysOutlive, OFF, otherName, ownKeys } from "../reasons.ts";

const [one, two] = HOSTS;

/** A program whose directives are statements about the `tls.Config` of `net/http`'s server. */
const program = (
  { port }: Node,
  { directives, certificates }: Configuration,
): string =>
  `package main

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
)

func read(file string) []byte {
	bytes, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	return bytes
}

func pair(cert, key string) tls.Certificate {
	pair, err := tls.X509KeyPair(read(cert), read(key))
	if err != nil {
		panic(err)
	}
	return pair
}

func pool(file string) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(read(file))
	return pool
}

func main() {
	var key [32]byte
	copy(key[:], read("secret"))
	config := &tls.Config{
		Certificates: []tls.Certificate{
			pair("${one.cert}", "${one.key}"),
			pair("${two.cert}", "${two.key}"),
		},
	}
${
    certificates
      ? `	config.ClientAuth = tls.RequireAndVerifyClientCert
	config.ClientCAs = pool("${one.ca}")
	other := config.Clone()
	other.ClientCAs = pool("${two.ca}")
	config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if hello.ServerName == "${two.name}" {
			return other, nil
		}
		return config, nil
	}`
      : ""
  }
${directives.map((directive) => `\t${directive}\n`).join("")}
	server := &http.Server{
		Addr:      "127.0.0.1:${port}",
		TLSConfig: config,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Write([]byte("OK"))
		}),
	}
	panic(server.ListenAndServeTLS("", ""))
}
`;

/** Go: its `net/http`, in a program of a few lines. */
export const go: AuditedServer = {
  name: "Go",
  programs: ["go"],
  packages: ["golang-go"],
  version: ["go", "version"],
  configurations: [
    { name: "stock", directives: [] },
    {
      name: "shared tickets",
      directives: ["config.SetSessionTicketKeys([][32]byte{key})"],
      certificates: true,
      noCrl: true,
    },
    {
      name: "new keys",
      directives: ["config.SetSessionTicketKeys([][32]byte{key})"],
      certificates: true,
      noCrl: true,
      renewsKeys: true,
      probes: CHANGES,
    },
    {
      name: "no resumption",
      directives: ["config.SessionTicketsDisabled = true"],
    },
  ],
  findings: [
    OFF,
    ownKeys(
      "`config.SetSessionTicketKeys`, the same at all nodes",
      "shared tickets",
    ),
    {
      probes: ["behaviour/extended-master-secret"],
      why: "Go has it since 1.21.",
      mend: "a program built by a newer Go",
    },
    {
      ...otherName(
        "`config.GetConfigForClient` with a `tls.Config` for each name, or `config.SessionTicketsDisabled = true`",
        "no resumption",
      ),
      why:
        "All names of a `tls.Config` share ticket keys, and Go takes a session for another name than it was made for.",
    },
    keysOutlive(
      ["shared tickets"],
      "`config.SetSessionTicketKeys` with each new certificate",
      ["isolation/changed-certificate"],
    ),
  ],
  async start(node, configuration): Promise<Daemon> {
    const { place, port, secret } = node;
    await writeFile(place, "secret", secret);
    await writeFile(place, "main.go", program(node, configuration));
    if (!await exists(`${place.folder}/server`)) {
      await prepare("go", ["build", "-o", "server", "main.go"], place, {
        GOFLAGS: "-mod=mod",
        GO111MODULE: "off",
      });
    }
    return await new Daemon(`${place.folder}/server`, [], place).ready(port);
  },
};

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
