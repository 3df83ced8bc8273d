/** The first and last byte that a player asks for; null when it is no one range within the file. */
export function readRange(header: string | null, size: number): readonly [number, number] | null {
  if (header === null) return [0, size - 1];
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/u.exec(header.trim());
  const [, first = "", last = ""] = match ?? [];
  if (!match || (first === "" && last === "")) return null;
  if (first === "") return Number(last) > 0 ? [Math.max(0, size - Number(last)), size - 1] : null;
  const range = [Number(first), last === "" ? size - 1 : Math.min(Number(last), size - 1)] as const;
  return range[0] <= range[1] ? range : null;
}
