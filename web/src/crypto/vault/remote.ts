// A vault as an object with methods, over whatever carries the questions.

import type { Vault } from "./api";
import type { Method } from "./messages";

/** A vault that is asked by sending it what to do. */
export function remoteVault(ask: (method: Method, ask: unknown) => Promise<unknown>): Vault {
  const methods = new Map<string, (question: unknown) => Promise<unknown>>();
  return new Proxy({} as Vault, {
    get(_, name) {
      // Promises look for `then`; a vault is not one.
      if (typeof name === "symbol" || name === "then") return undefined;
      const known = methods.get(name);
      if (known) return known;
      const method = (question: unknown): Promise<unknown> => ask(name as Method, question);
      methods.set(name, method);
      return method;
    },
  });
}
