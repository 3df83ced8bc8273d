/** Remembers what a function of texts returned; for few different texts only. */
export function memoize<A extends string[], R>(make: (...texts: A) => R): (...texts: A) => R {
  const made = new Map<string, R>();
  return (...texts) => {
    const key = texts.join("\n");
    const known = made.get(key);
    if (known !== undefined) return known;
    const fresh = make(...texts);
    made.set(key, fresh);
    return fresh;
  };
}
