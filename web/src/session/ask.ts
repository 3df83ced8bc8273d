import type { ApiError } from "@/protocol/wire";

import type { Environment } from "./environment";
import { Offline, Refused } from "./error";

/** Asks the HTTP API; rejects with `Refused` (the server's no) or `Offline`. */
export async function ask<T>(
  env: Pick<Environment, "http">,
  method: "GET" | "POST" | "PUT" | "DELETE",
  path: string,
  body?: unknown,
): Promise<T> {
  const answer = await env.http(method, path, body).catch(() => {
    throw new Offline();
  });
  if (answer.status >= 200 && answer.status < 300) return answer.json as T;
  const { error } = (answer.json ?? {}) as { error?: ApiError };
  if (!error) throw new Offline();
  throw new Refused(error);
}
