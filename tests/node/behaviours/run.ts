/** Runs the behaviours: Node.js runs this, with its own `node:tls`. */
import nodeTls from "node:tls";
import { CASES } from "./cases.ts";
import { type Certificates, Scene, type Tls, type Told } from "./scene.ts";

/** What both ends have told, by the version and the name of each case. */
export type AllTold = Readonly<Record<string, Told>>;

const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;

/** Runs all cases with Node's own. */
export default function inNode(certificates: Certificates): Promise<AllTold> {
  return behaviours(nodeTls, certificates);
}

/** Runs all cases with a `node:tls`. */
export async function behaviours(
  tls: Tls,
  certificates: Certificates,
): Promise<AllTold> {
  const all: Record<string, Told> = {};
  for (const version of VERSIONS) {
    await Promise.all(
      Object.entries(CASES).map(async ([name, run]) => {
        const scene = new Scene(tls, version, certificates);
        await run(scene);
        await scene.end();
        all[`${name}, ${version}`] = scene.told;
      }),
    );
  }
  return all;
}
