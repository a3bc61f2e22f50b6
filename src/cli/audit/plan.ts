import type { AuditPlan, AuditStep } from "../../audit/mod.ts";
import { countText } from "../format.ts";

/** What an audit of a server would probe, and how many connections it would make at most. */
export function planText(
  server: string,
  { connections, nodes, steps }: AuditPlan,
): string {
  const ids = [...new Set(steps.map(({ probe }) => probe.id))];
  const survey = connections - totalOf(steps);
  const rows = [
    ["survey", `${survey}`],
    ...ids.map((id) => [
      id,
      costText(steps.filter(({ probe }) => probe.id === id)),
    ]),
  ];
  const width = Math.max(...rows.map(([name = ""]) => name.length));
  return [
    `${server}: at most ${countText(connections, "connection")} to ${
      nodes.join(", ")
    }`,
    ...rows.map(([name = "", cost = ""]) => `  ${name.padEnd(width)}  ${cost}`),
  ].join("\n");
}

function costText(steps: readonly AuditStep[]): string {
  const [first] = steps;
  if (first?.missing) return first.missing;
  return String(totalOf(steps));
}

function totalOf(steps: readonly AuditStep[]): number {
  return steps.reduce((sum, { connections }) => sum + connections, 0);
}
