import type { AuditPlan, AuditStep } from "../../audit/mod.ts";
import { countText } from "../format.ts";

/** What an audit of a server would probe, and how many connections it would make at most. */
export function planText(
  server: string,
  { connections, nodes, steps }: AuditPlan,
): string {
  const ids = [...new Set(steps.map(({ probe }) => probe.id))];
  const width = Math.max(0, ...ids.map((id) => id.length));
  return [
    `${server}: at most ${countText(connections, "connection")} to ${
      nodes.join(", ")
    }`,
    ...ids.map((id) =>
      `  ${id.padEnd(width)}  ${
        costText(steps.filter(({ probe }) => probe.id === id))
      }`
    ),
  ].join("\n");
}

function costText(steps: readonly AuditStep[]): string {
  const [first] = steps;
  if (first?.missing) return first.missing;
  return String(steps.reduce((sum, { connections }) => sum + connections, 0));
}
