import { useSyncExternalStore } from 'react'

import type { Store } from './store'

/**
 * The one way for React to look at a store. `select` must return the same
 * value for the same snapshot: a part of it, not something built anew.
 */
export function useStore<T>(store: Store<T>): T
export function useStore<T, S>(store: Store<T>, select: (snapshot: T) => S): S
export function useStore<T, S>(store: Store<T>, select?: (snapshot: T) => S): T | S {
  return useSyncExternalStore(store.subscribe, () =>
    select ? select(store.snapshot()) : store.snapshot(),
  )
}
