/**
 * What Linux tells of processes: their memory, processor time and limits.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";

/** The clock of /proc, on all of Linux's architectures. */
const TICKS_PER_SECOND = 100;

/** The memory of a process and its descendants in bytes; null where it can't be seen. */
export function residentBytes(pid: number): number | null {
  return sumOf(pid, (id) => {
    const status = readFileSync(`/proc/${id}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  });
}

/** Their processor time so far in ms; null where it can't be seen. */
export function processorMs(pid: number): number | null {
  return sumOf(pid, (id) => {
    const [, , , , , , , , , , , user, system] = statOf(id);
    return (Number(user) + Number(system)) * 1000 / TICKS_PER_SECOND;
  });
}

/** How many files a process may have open; Infinity where it can't be seen. */
export function openFilesLimit(pid: number): number {
  try {
    const limits = readFileSync(`/proc/${pid}/limits`, "utf8");
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
  } catch {
    return Infinity;
  }
}

function sumOf(pid: number, read: (pid: number) => number): number | null {
  try {
    const own = read(pid);
    return descendantsOf(pid).reduce((sum, id) => sum + valueOf(id), own);
  } catch {
    return null;
  }
  function valueOf(id: number): number {
    try {
      return read(id);
    } catch {
      return 0; // It has ended meanwhile.
    }
  }
}

function descendantsOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      parents.set(Number(name), Number(statOf(Number(name))[1]));
    } catch {
      continue; // It has ended meanwhile.
    }
  }
  const found = [pid];
  for (const ancestor of found) {
    for (const [id, parent] of parents) if (parent === ancestor) found.push(id);
  }
  return found.slice(1);
}

/** The fields after the name, which may have spaces and brackets: state, parent, ... */
function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
