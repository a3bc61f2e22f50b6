/**
 * The figures as a drawing: each primitive and handshake a row, each peer a point, on a scale that native
 * OpenSSL is 1 of.
 *
 * @module
 */
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { Result } from "./report.ts";
import { describe, groupOf } from "./table.ts";

/** A point. */
interface Point {
  readonly group: string;
  readonly row: string;
  readonly peer: string;
  readonly ratio: number;
}

const GROUPS: Record<string, string> = {
  "primitives, bulk": "MB/s",
  primitives: "operations/s",
  "handshakes/s": "handshakes/s",
  "bytes/s": "application data, MB/s",
};

/** By the peers' names in reports; npm is the fastest package. Those named last are drawn over others. */
const PEERS: Record<string, { name: string; color: string }> = {
  npm: { name: "npm's fastest package", color: "#bab0ac" },
  deno: { name: "Deno's node:crypto", color: "#59a14f" },
  node: { name: "Node's crypto and tls", color: "#4e79a7" },
  plain: { name: "Sesame without kernels", color: "#f5b87c" },
  sesame: { name: "Sesame", color: "#d1410c" },
};

/** The same bytes for the same figures. */
export async function drawFigures(results: Result[]): Promise<string> {
  const { spec } = compile(specOf(pointsOf(results)));
  const view = new View(parse(spec), { renderer: "none" });
  return `${await view.toSVG()}\n`;
}

function pointsOf(results: Result[]): Point[] {
  return results.flatMap((result) => {
    const group = GROUPS[groupOf(result)];
    const native = result.peers.native?.median;
    if (group === undefined || native === undefined) return [];
    const row = describe(result);
    return Object.entries(PEERS).flatMap(([peer, { name }]) => {
      const measured = peer === "npm" ? result.fastestPackage : peer;
      const figure = result.peers[measured ?? ""];
      if (figure === undefined) return [];
      return [{ group, row, peer: name, ratio: figure.median / native }];
    });
  });
}

function specOf(points: Point[]): TopLevelSpec {
  const peers = Object.values(PEERS);
  return {
    data: { values: points },
    facet: {
      row: {
        field: "group",
        sort: Object.values(GROUPS),
        title: null,
        header: { labelAnchor: "start", labelOrient: "top" },
      },
    },
    resolve: { scale: { y: "independent" } },
    spec: {
      width: 460,
      height: { step: 17 },
      mark: { type: "point", filled: true, size: 60, opacity: 1 },
      encoding: {
        x: {
          field: "ratio",
          type: "quantitative",
          scale: { type: "log" },
          title: "native OpenSSL is 1; further right is faster",
          axis: { format: "~r", values: [0.01, 0.03, 0.1, 0.3, 1, 3] },
        },
        y: {
          field: "row",
          type: "nominal",
          sort: null,
          title: null,
          axis: { labelLimit: 400 },
        },
        color: {
          field: "peer",
          type: "nominal",
          title: null,
          scale: {
            domain: peers.map(({ name }) => name),
            range: peers.map(({ color }) => color),
          },
          legend: { orient: "bottom", columns: 3, labelLimit: 300 },
        },
      },
    },
    config: { background: "white", font: "sans-serif" },
  };
}
