// The chains of other devices: each envelope counts one further and names the
// one before. Kept as runs of envelopes without gap, so that pages of history
// can be looked at in any order. What comes twice is a replay; what is left out
// between two runs, with everything in between looked at, is missing.

import type { Blob, Seq } from "@/protocol/wire";

import type { ChainRow, Place, Run } from "./rows";

/** What an envelope says of its place in its device's chain. */
export interface Link extends Place {
  readonly prev: Blob;
}

/** The runs with one more envelope; null when it is a replay. */
export function addLink(runs: readonly Run[], { n, id, seq, prev }: Link): readonly Run[] | null {
  const place: Place = { n, id, seq };
  const at = runs.findIndex(({ to }) => to.n >= n);
  const above = at < 0 ? undefined : runs[at];
  const below = at < 0 ? runs.at(-1) : runs[at - 1];
  if (above && above.from.n <= n) return isInside(above, place) ? runs : null;
  if ((below && below.to.seq >= seq) || (above && above.from.seq <= seq)) return null;
  const joinsBelow = below?.to.n === n - 1 && below.to.id === prev;
  const joinsAbove = above?.from.n === n + 1 && above.prev === id;
  const run: Run = {
    from: joinsBelow ? below.from : place,
    prev: joinsBelow ? below.prev : prev,
    to: joinsAbove ? above.to : place,
  };
  return [...runs.filter((one) => !(joinsBelow && one === below) && !(joinsAbove && one === above)), run].sort((a, b) => a.from.n - b.from.n);
}

/** Whether envelopes of the device before this one are missing though all entries in between were looked at. */
export function isGapBefore(runs: readonly Run[], n: number, seq: Seq, covered: ChainRow["covered"]): boolean {
  const at = runs.findIndex(({ from, to }) => from.n <= n && n <= to.n);
  const run = runs[at];
  if (!run || run.from.n !== n || n === 0) return false;
  const start = runs[at - 1]?.to.seq ?? 1;
  return covered.some(([from, to]) => from <= start && seq <= to);
}

/** The ranges with one more. */
export function cover(covered: ChainRow["covered"], from: Seq, to: Seq): ChainRow["covered"] {
  const apart = covered.filter((range) => range[1] < from - 1 || range[0] > to + 1);
  const joined = covered.filter((range) => !apart.includes(range));
  const start = Math.min(from, ...joined.map((range) => range[0]));
  const end = Math.max(to, ...joined.map((range) => range[1]));
  return [...apart, [start, end] as const].sort((a, b) => a[0] - b[0]);
}

function isInside({ from, to }: Run, { n, id, seq }: Place): boolean {
  if (n === from.n) return seq === from.seq && id === from.id;
  if (n === to.n) return seq === to.seq && id === to.id;
  return from.seq < seq && seq < to.seq;
}
