import type { HandleCounts } from "./handle_counts.ts";
import type { Ptr } from "./pointers.ts";

/**
 * An opaque reference to a C object. Using it after OpenSSL has freed the object, or with
 * another instance, throws a `TypeError`.
 */
export interface Handle<Kind extends string = string> {
  /** Its type in C. */
  readonly [Symbol.toStringTag]: Kind;
}

/** JavaScript values that belong to a C object: callbacks by their name. */
export type Attached = Map<string, unknown>;

/** The state of a C object that has a handle. */
interface Entry {
  readonly table: HandleTable;
  readonly kind: string;
  readonly ptr: number;
  /** References that JavaScript must give back, as a C program would. */
  references: number;
  alive: boolean;
  /** The context that an SSL was made from. */
  origin: Ptr<"SSL_CTX">;
  /** Made when something is attached. */
  attached: Attached | undefined;
}

/** A handle: frozen, with an entry that only this class can reach. */
class OpaqueHandle implements Handle {
  /** The entry of any value; `undefined` if it is no handle. */
  static entryOf(value: unknown): Entry | undefined {
    return typeof value === "object" && value !== null && #entry in value
      ? value.#entry
      : undefined;
  }

  readonly [Symbol.toStringTag]!: string;
  readonly #entry: Entry;

  constructor(entry: Entry) {
    this[Symbol.toStringTag] = entry.kind;
    this.#entry = entry;
    Object.freeze(this);
  }
}

// No handle leads to the constructor, which would make one of any pointer.
Reflect.deleteProperty(OpaqueHandle.prototype, "constructor");
Object.setPrototypeOf(OpaqueHandle.prototype, null);
Object.freeze(OpaqueHandle.prototype);

/** The handles of an instance, their pointers, and the references that JavaScript owns. */
export class HandleTable {
  readonly #counts: HandleCounts;
  readonly #byPtr = new Map<number, Handle>();

  /** An empty table that tells C by `counts` of which objects there are handles. */
  constructor(counts: HandleCounts) {
    this.#counts = counts;
  }

  /** How many C objects are known to JavaScript now. */
  get size(): number {
    return this.#byPtr.size;
  }

  /** The handle of a borrowed pointer (OpenSSL's `get0`); `null` for `NULL`. */
  borrow<Kind extends string>(
    kind: Kind,
    ptr: Ptr<Kind>,
  ): Handle<Kind> | null {
    return ptr === 0 ? null : this.#handleOf(kind, ptr) as Handle<Kind>;
  }

  /** The handle of a pointer that comes with a reference (`new`, `get1`). */
  own<Kind extends string>(kind: Kind, ptr: Ptr<Kind>): Handle<Kind> | null {
    if (ptr === 0) return null;
    const handle = this.#handleOf(kind, ptr);
    this.#find(handle, kind).references++;
    return handle as Handle<Kind>;
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

  /** Counts another reference that JavaScript owns. */
  retain<Kind extends string>(handle: Handle<Kind>, kind: Kind): void {
    this.#find(handle, kind).references++;
  }

  /** Gives up an owned reference, to be freed or passed to C. Returns the pointer. */
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
    const entry = OpaqueHandle.entryOf(handle);
    if (!entry?.alive) throw new TypeError("Cannot use a freed handle");
    return entry.attached ??= new Map();
  }

  /** What belongs to the object at `ptr`, if anything does. */
  attachedAt(ptr: number): Attached | undefined {
    return this.#entryAt(ptr)?.attached;
  }

  /** Notes the context that a connection was made from. */
  setOrigin(ssl: Handle<"SSL">, ctx: Ptr<"SSL_CTX">): void {
    this.#find(ssl, "SSL").origin = ctx;
  }

  /** The context that the connection at `ptr` was made from; `NULL` if it isn't known. */
  originAt(ptr: Ptr<"SSL">): Ptr<"SSL_CTX"> {
    return this.#entryAt(ptr)?.origin ?? 0 as Ptr<"SSL_CTX">;
  }

  /** OpenSSL has freed the object at `ptr`: its handle is dead. */
  freed(ptr: number): void {
    const entry = this.#entryAt(ptr);
    if (!entry) return;
    entry.alive = false;
    entry.attached = undefined;
    this.#byPtr.delete(ptr);
    this.#counts.subtract(ptr);
  }

  #handleOf(kind: string, ptr: number): Handle {
    const known = this.#byPtr.get(ptr);
    if (known?.[Symbol.toStringTag] === kind) return known;
    this.freed(ptr);
    const handle: Handle = new OpaqueHandle({
      table: this,
      kind,
      ptr,
      references: 0,
      alive: true,
      origin: 0 as Ptr<"SSL_CTX">,
      attached: undefined,
    });
    this.#byPtr.set(ptr, handle);
    this.#counts.add(ptr);
    return handle;
  }

  #entryAt(ptr: number): Entry | undefined {
    return OpaqueHandle.entryOf(this.#byPtr.get(ptr));
  }

  #find(handle: Handle, kind: string): Entry {
    const entry = OpaqueHandle.entryOf(handle);
    if (entry?.table === this && entry.kind === kind && entry.alive) {
      return entry;
    }
    throw unusable(handle, kind, entry?.table === this ? entry : undefined);
  }
}

/** Why a value is not a usable handle of `kind`; `entry` is that of a handle of this instance. */
function unusable(
  handle: unknown,
  kind: string,
  entry: Entry | undefined,
): TypeError {
  if (!entry) {
    return new TypeError(
      `Expected a handle of ${kind} of this OpenSSL instance, received ${
        describe(handle)
      }`,
    );
  }
  return new TypeError(
    entry.kind === kind
      ? `Cannot use the ${kind}: it has been freed`
      : `Expected a handle of ${kind}, received one of ${entry.kind}`,
  );
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  const foreign = OpaqueHandle.entryOf(value);
  return foreign
    ? `${foreign.kind} of another instance`
    : `a value of type ${typeof value}`;
}
