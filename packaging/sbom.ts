/**
 * `deno task sbom`: prints what is in `wasm/openssl.wasm`, as CycloneDX 1.6 in JSON. It says
 * the same for the same build: no time, no random serial number.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };
import build from "../wasm/build.json" with { type: "json" };

const { openssl, emscripten, tarball, outputs, wrapped, kernels } = build;
const OPENSSL_URL =
  `https://github.com/openssl/openssl/releases/download/openssl-${openssl}/openssl-${openssl}.tar.gz`;

const packageRef = `pkg:npm/${
  config.name.replace("@", "%40")
}@${config.version}`;
const opensslRef = `pkg:generic/openssl@${openssl}?download_url=${
  encodeURIComponent(OPENSSL_URL)
}`;
const emscriptenRef = `pkg:github/emscripten-core/emscripten@${emscripten}`;
const moduleRef = "wasm/openssl.wasm";

const components = [
  {
    type: "file",
    "bom-ref": moduleRef,
    name: moduleRef,
    hashes: sha256(outputs[moduleRef]),
    properties: [
      { name: "sesame:configure", value: build.configure },
      { name: "sesame:compile", value: build.compile },
      { name: "sesame:link", value: build.link },
    ],
  },
  {
    type: "library",
    "bom-ref": opensslRef,
    name: "openssl",
    version: openssl,
    purl: opensslRef,
    cpe: `cpe:2.3:a:openssl:openssl:${openssl}:*:*:*:*:*:*:*`,
    licenses: licensedBy("Apache-2.0"),
    externalReferences: [
      { type: "distribution", url: OPENSSL_URL, hashes: sha256(tarball) },
      { type: "website", url: "https://openssl-library.org" },
    ],
    pedigree: {
      notes:
        `Unpatched. Functions of Sesame's are linked before ${wrapped}, wasm/ladder.c stands for crypto/ec/ec_mult.c, and wasm/kernels (${kernels}) for the assembly: see SECURITY.md.`,
    },
  },
  {
    type: "library",
    "bom-ref": emscriptenRef,
    name: "emscripten",
    version: emscripten,
    description: "Its C library (musl), allocator (dlmalloc) and compiler-rt.",
    purl: emscriptenRef,
    licenses: licensedBy("MIT"),
    externalReferences: [{ type: "website", url: "https://emscripten.org" }],
  },
];

const bom = {
  $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  version: 1,
  metadata: {
    component: {
      type: "library",
      "bom-ref": packageRef,
      name: config.name,
      version: config.version,
      purl: packageRef,
      licenses: licensedBy(config.license),
    },
  },
  components,
  dependencies: [
    { ref: packageRef, dependsOn: [moduleRef] },
    { ref: moduleRef, dependsOn: [opensslRef, emscriptenRef] },
    { ref: opensslRef, dependsOn: [emscriptenRef] },
    { ref: emscriptenRef },
  ],
};

console.log(JSON.stringify(bom, null, 2));

function sha256(content: string): { alg: string; content: string }[] {
  return [{ alg: "SHA-256", content }];
}

function licensedBy(id: string): { license: { id: string } }[] {
  return [{ license: { id } }];
}
