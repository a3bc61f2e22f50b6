import type { Ptr } from "./pointers.ts";

/**
 * A C object that JavaScript can name but not look into. It dies when OpenSSL
 * frees the object; using it after that, or with another instance, is a
 * `TypeError`.
 */
export interface Handle<Kind extends string = string> {
  /** Its type in C. */
  readonly [Symbol.toStringTag]: Kind;
}

/** JavaScript values that belong to a C object: callbacks by their name. */
export type Attached = Map<string, unknown>;

interface Entry {
  readonly handle: Handle;
  readonly kind: string;
  readonly ptr: number;
  readonly attached: Attached;
  /** References that JavaScript must give back, as a C program would. */
  references: number;
  alive: boolean;
}

/** Which handle stands for which pointer, and who owns what. */
export class HandleTable {
  readonly #byPtr = new Map<number, Entry>();
  readonly #byHandle = new WeakMap<object, Entry>();

  /** How many C objects are known to JavaScript now. */
  get size(): number {
    return this.#byPtr.size;
  }

  /** The handle of a borrowed pointer (OpenSSL's `get0`); `null` for `NULL`. */
  borrow<Kind extends string>(
    kind: Kind,
    ptr: Ptr<Kind>,
  ): Handle<Kind> | null {
    return ptr === 0 ? null : this.#intern(kind, ptr).handle as Handle<Kind>;
  }

  /** The handle of a pointer that comes with a reference (`new`, `get1`). */
  own<Kind extends string>(kind: Kind, ptr: Ptr<Kind>): Handle<Kind> | null {
    if (ptr === 0) return null;
    const entry = this.#intern(kind, ptr);
    entry.references++;
    return entry.handle as Handle<Kind>;
  }

  /** The pointer of a live handle of this instance and kind. */
  ptr<Kind extends string>(handle: Handle<Kind>, kind: Kind): Ptr<Kind> {
    return this.#find(handle, kind).ptr as Ptr<Kind>;
  }

  /** The pointer of a handle, or `NULL` for `null`. */
  ptrOrNull<Kind extends string>(
    handle: Handle<Kind> | null,
    kind: Kind,
  ): Ptr<Kind> {
    return handle === null ? 0 as Ptr<Kind> : this.ptr(handle, kind);
  }

  /** Counts a reference that C has just given. */
  retain<Kind extends string>(handle: Handle<Kind>, kind: Kind): void {
    this.#find(handle, kind).references++;
  }

  /** Gives up a reference, to be freed or handed on to C: its pointer. */
  release<Kind extends string>(handle: Handle<Kind>, kind: Kind): Ptr<Kind> {
    const entry = this.#find(handle, kind);
    if (entry.references === 0) {
      throw new TypeError(
        `Cannot give up a reference to the ${kind}: this program holds none`,
      );
    }
    entry.references--;
    return entry.ptr as Ptr<Kind>;
  }

  /** What belongs to a live object. */
  attached(handle: Handle): Attached {
    const entry = this.#byHandle.get(handle);
    if (!entry?.alive) throw new TypeError("Cannot use a freed handle");
    return entry.attached;
  }

  /** What belongs to the object at `ptr`; nothing for one never handed out. */
  attachedAt(ptr: number): Attached | undefined {
    return this.#byPtr.get(ptr)?.attached;
  }

  /** OpenSSL has freed the object at `ptr`: its handle is dead. */
  freed(ptr: number): void {
    const entry = this.#byPtr.get(ptr);
    if (!entry) return;
    entry.alive = false;
    entry.attached.clear();
    this.#byPtr.delete(ptr);
  }

  #intern(kind: string, ptr: number): Entry {
    const known = this.#byPtr.get(ptr);
    if (known?.kind === kind) return known;
    this.freed(ptr);
    const handle = Object.freeze(
      Object.create(null, { [Symbol.toStringTag]: { value: kind } }),
    );
    const entry: Entry = {
      handle,
      kind,
      ptr,
      attached: new Map(),
      references: 0,
      alive: true,
    };
    this.#byPtr.set(ptr, entry);
    this.#byHandle.set(handle, entry);
    return entry;
  }

  #find(handle: Handle, kind: string): Entry {
    const entry = typeof handle === "object" && handle !== null
      ? this.#byHandle.get(handle)
      : undefined;
    if (!entry) {
      throw new TypeError(
        `Expected a handle of ${kind} of this OpenSSL instance, received ${
          describe(handle)
        }`,
      );
    }
    if (entry.kind !== kind) {
      throw new TypeError(
        `Expected a handle of ${kind}, received one of ${entry.kind}`,
      );
    }
    if (!entry.alive) {
      throw new TypeError(
        `Cannot use the ${kind}: it has been freed`,
      );
    }
    return entry;
  }
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== "object" || Object.getPrototypeOf(value) !== null) {
    return `a value of type ${typeof value}`;
  }
  const tag = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  return `${tag} of another instance`;
}
