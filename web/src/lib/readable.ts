// What plain TypeScript offers to the view: a value that can be read at any
// time and says when it has changed. Snapshots are immutable; the same
// snapshot means that nothing has changed.

/** A value to look at and to listen to. Both functions can be passed around unbound. */
export interface Readable<T> {
  readonly subscribe: (listener: () => void) => () => void;
  readonly snapshot: () => T;
}

/** The listeners of something that changes. */
export class Listeners<A extends readonly unknown[] = []> {
  readonly #listeners = new Set<(...args: A) => void>();

  readonly add = (listener: (...args: A) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  call(...args: A): void {
    for (const listener of Array.from(this.#listeners)) listener(...args);
  }
}

/** A value that is set from outside. */
export class Cell<T> implements Readable<T> {
  readonly #listeners = new Listeners();
  #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener);
  readonly snapshot = (): T => this.#value;

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    this.#listeners.call();
  }
}

/** A value computed from other state, anew only when read after a change. */
export class Computed<T> implements Readable<T> {
  readonly #listeners = new Listeners();
  readonly #compute: () => T;
  #cache: { value: T } | null = null;

  constructor(compute: () => T) {
    this.#compute = compute;
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener);
  readonly snapshot = (): T => (this.#cache ??= { value: this.#compute() }).value;

  /** What it is computed from has changed. */
  changed(): void {
    this.#cache = null;
    this.#listeners.call();
  }
}
