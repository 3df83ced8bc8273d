/**
 * The one shape in which plain TypeScript shows its state to React and others:
 * a snapshot that is replaced, never changed, and a way to hear of the next one.
 */
export interface Store<T> {
  snapshot(): T
  /** Calls back after every change until the returned function is called. */
  subscribe(listener: () => void): () => void
}

/** A store that holds one value. */
export class Cell<T> implements Store<T> {
  private value: T
  private readonly listeners = new Set<() => void>()

  constructor(value: T) {
    this.value = value
  }

  snapshot = (): T => this.value

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  set(value: T): void {
    if (Object.is(value, this.value)) return
    this.value = value
    for (const listener of Array.from(this.listeners)) listener()
  }

  update(change: (value: T) => T): void {
    this.set(change(this.value))
  }
}
