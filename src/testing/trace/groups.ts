import { eventDetails } from "./descriptions.ts";
import type { TraceSentEvent } from "./events.ts";

/** Groups consecutive records of application data. */
export function grouped(events: readonly TraceSentEvent[]): TraceSentEvent[][] {
  const groups: TraceSentEvent[][] = [];
  for (const event of events) {
    const last = groups.at(-1);
    const isMore = event.type === "application_data" &&
      last?.[0]?.type === event.type && last[0].early === event.early &&
      last[0].arrival === event.arrival;
    if (isMore) last.push(event);
    else groups.push([event]);
  }
  return groups;
}

/** The details of a group, one fact per item. */
export function groupDetails(group: readonly TraceSentEvent[]): string[] {
  const [event] = group;
  if (event === undefined) return [];
  if (event.type !== "application_data") return eventDetails(event);
  const length = group.reduce(
    (sum, event) =>
      sum + (event.type === "application_data" ? event.length : 0),
    0,
  );
  return eventDetails({ ...event, length });
}
