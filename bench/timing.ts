/**
 * Looks for secrets in the time that code takes, in the way of dudect (Reparaz, Balasch, Verbauwhede:
 * "Dude, is my code constant time?"): Welch's t of a fixed secret's times against those of random
 * ones, in a random order. It has to find the tables of OpenSSL's C code, or what it says of the
 * kernels is worth nothing.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { BenchModule } from "./bench_module.ts";
import { getModules } from "./modules.ts";
import { difference, quantile } from "./welch.ts";

const HELP = `Tells whether a primitive's time depends on its secret.

Usage: deno task bench:timing [options]

  --modules DIR  what \`./build.sh --bench DIR\` left; without it, that is run first
  --samples N    how many calls of a fast target are timed (40000)
  --only TEXT    only targets whose name contains TEXT
  --help         prints this
`;

/** A target of timing.c. */
interface Target {
  name: string;
  function: string;
  /** What of the samples it gets: slow ones get fewer, and more where a table has few lines of the cache. */
  share: number;
  /** Whether the C code looks up tables at secret addresses. */
  tables: boolean;
}

const TARGETS: Target[] = [
  {
    name: "AES-128, by the block",
    function: "aes_block",
    share: 1,
    tables: true,
  },
  { name: "AES-128, by the key", function: "aes_key", share: 1, tables: true },
  { name: "GHASH, by the data", function: "ghash", share: 3, tables: true },
  {
    name: "ChaCha20-Poly1305, by the key",
    function: "chacha20_poly1305",
    share: 1,
    tables: false,
  },
  {
    name: "P-256, by the scalar",
    function: "p256",
    share: 0.05,
    tables: false,
  },
  {
    name: "P-384, by the scalar",
    function: "p384",
    share: 0.03,
    tables: false,
  },
  {
    name: "X25519, by the scalar",
    function: "x25519",
    share: 0.1,
    tables: false,
  },
  {
    name: "X25519's public key",
    function: "x25519_public",
    share: 0.2,
    tables: false,
  },
  {
    name: "RSA-2048, by 256 bits of a prime's exponent",
    function: "mod_exp",
    share: 0.05,
    tables: false,
  },
  {
    name: "SHA-384, by the message",
    function: "sha384",
    share: 1,
    tables: false,
  },
];

const SECRET_BYTES = 32;
/** Random secrets that are tried first: the one that stands out most is tested, on new samples. */
const CANDIDATES = 32;
const SHARE_OF_CANDIDATE = 0.03;
/** Interrupted calls say nothing: times above these shares of the first samples' are left out. */
const CROPS = [0.2, 0.5, 0.8, 0.95];
/** Beyond it, chance is out of the question: with noise alone, |t| > 5 comes once in two million. */
const LIMIT = 5;
/** A table that lies in the processor's first caches is read in the same time everywhere. */
const EVICTED_BYTES = 512 * 1024;
const ALL_RIGHT =
  `The tables of the C code were found (|t| > ${LIMIT}), and nothing in the kernels.`;

if (import.meta.main) await main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      modules: { type: "string" },
      samples: { type: "string", default: "40000" },
      only: { type: "string", default: "" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const folder = await Deno.makeTempDir({ prefix: "sesame-timing-" });
  try {
    const modules = await getModules(values.modules ?? folder);
    if (typeof modules === "string") throw new Error(modules);
    const plain = await BenchModule.load(modules.plainPrimitives);
    const kernels = await BenchModule.load(modules.primitives);
    const targets = TARGETS.filter(({ name }) => name.includes(values.only));
    const wrong = targets.filter((target) =>
      !isRight(plain, kernels, target, Number(values.samples))
    );
    const names = wrong.map(({ name }) => name).join("; ");
    console.log(names ? `Not as it should be: ${names}` : ALL_RIGHT);
    Deno.exitCode = names ? 1 : 0;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Whether tables were found in the C code, and nothing in the kernels. */
function isRight(
  plain: BenchModule,
  kernels: BenchModule,
  target: Target,
  samples: number,
): boolean {
  const count = Math.ceil(samples * target.share);
  const found = look(plain, target, count);
  const left = look(kernels, target, count);
  const line = [
    target.name.padEnd(44),
    `C code |t| = ${found.toFixed(1).padStart(5)}`,
    target.tables ? "(tables)" : "        ",
    `kernels |t| = ${left.toFixed(1).padStart(5)}`,
  ];
  console.log(line.join("  "));
  return (!target.tables || found > LIMIT) && left <= LIMIT;
}

/** The greatest |t|, over two fixed secrets and all crops: zeros, which take one place of a table, and the chosen one. */
function look(module: BenchModule, target: Target, samples: number): number {
  if (!module.function("timing_prepare")()) {
    throw new Error("OpenSSL cannot prepare the timing test");
  }
  const few = Math.max(100, Math.ceil(samples * SHARE_OF_CANDIDATE));
  // Timed while V8 compiles.
  time(module, target, new Uint8Array(SECRET_BYTES), few);
  const candidates = Array.from({ length: CANDIDATES }, () => {
    const secret = randomBytes(SECRET_BYTES);
    const times = time(module, target, secret, few);
    const all = [...times.fixed, ...times.random];
    const limits = CROPS.map((crop) => quantile(all, crop));
    return { secret, limits, t: greatest(times, limits) };
  });
  const [chosen] = candidates.sort((a, b) => b.t - a.t);
  if (chosen === undefined) return 0;
  const ts = [new Uint8Array(SECRET_BYTES), chosen.secret].map((secret) =>
    greatest(time(module, target, secret, samples), chosen.limits)
  );
  return Math.max(...ts);
}

interface Times {
  fixed: number[];
  random: number[];
}

function greatest({ fixed, random }: Times, limits: number[]): number {
  const ts = limits.map((limit) => {
    const below = (time: number) => time <= limit;
    return Math.abs(difference(fixed.filter(below), random.filter(below)));
  });
  return Math.max(...ts);
}

/** Both classes go through the same code and memory; only the bytes differ. */
function time(
  module: BenchModule,
  target: Target,
  fixed: Uint8Array,
  samples: number,
): Times {
  const secrets = randomBytes(samples * SECRET_BYTES);
  const isFixed = randomBytes(samples).map((byte) => byte & 1);
  for (let i = 0; i < samples; i++) {
    if (isFixed[i]) secrets.set(fixed, i * SECRET_BYTES);
  }
  const evict = module.function("timing_evict");
  const run = module.function(`timing_${target.function}`);
  const secretAt = module.function("timing_secret")();
  const times: Times = { fixed: [], random: [] };
  for (let i = 0; i < samples; i++) {
    const at = i * SECRET_BYTES;
    const secret = secrets.subarray(at, at + SECRET_BYTES);
    module.bytes(secretAt, SECRET_BYTES).set(secret);
    evict(EVICTED_BYTES);
    const start = performance.now();
    run();
    const elapsed = (performance.now() - start) * 1e6;
    (isFixed[i] ? times.fixed : times.random).push(elapsed);
  }
  return times;
}

function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const most = 65536;
  for (let at = 0; at < length; at += most) {
    crypto.getRandomValues(bytes.subarray(at, at + most));
  }
  return bytes;
}
