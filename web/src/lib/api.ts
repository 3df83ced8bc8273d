/**
 * The HTTP API: everything that is not realtime. Adds what the server demands
 * of a request and turns every failure into a `RequestError` with a code.
 */
import type { ApiError, ErrorBody, ErrorCode } from "@/protocol/wire";

/** `offline`: the server could not be reached, or answered something that is not its own. */
export type FailureCode = ErrorCode | "offline";

/** A request that did not succeed. `detail` is for developers, never shown. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code: FailureCode;
  readonly retry_ms: number | undefined;

  constructor(code: FailureCode, detail: string, retry_ms?: number, cause?: unknown) {
    super(`${code}: ${detail}`, { cause });
    this.code = code;
    this.retry_ms = retry_ms;
  }

  static of(error: ApiError): RequestError {
    return new RequestError(error.code, error.detail, error.retry_ms);
  }
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Called when the server says that nobody is signed in here. */
let onSignedOut: () => void = () => {};

/** Says what to do when a request finds that this device was signed out. */
export function whenSignedOut(callback: () => void): void {
  onSignedOut = callback;
}

/** Sends a request and returns the answer's JSON. `path` begins after `/api/v1`. */
export async function request<T>(
  method: Method,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  let payload: BodyInit | undefined;
  if (method !== "GET") {
    headers["x-callbox"] = "1";
    // Blob here is the DOM's, which carries its own type.
    headers["content-type"] = body instanceof Blob ? body.type : "application/json";
    if (body instanceof Blob) payload = body;
    else if (method !== "DELETE") payload = JSON.stringify(body ?? {});
  }
  const init: RequestInit = {
    method,
    headers,
    credentials: "same-origin",
    redirect: "error",
    cache: "no-store",
  };
  if (payload !== undefined) init.body = payload;
  if (signal) init.signal = signal;

  const response = await fetch(`/api/v1${path}`, init).catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw new RequestError("offline", "no answer", undefined, cause);
  });
  if (!response.ok) {
    const error = await failure(response);
    if (error.code === "unauthorized" && !open.some((prefix) => path.startsWith(prefix)))
      onSignedOut();
    throw error;
  }
  if (response.status === 204) return undefined as T;
  const text = await response.text().catch((cause: unknown) => {
    throw new RequestError("offline", "the answer broke off", undefined, cause);
  });
  if (text === "") return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new RequestError("offline", "the answer is not JSON", undefined, cause);
  }
}

export const get = <T>(path: string, signal?: AbortSignal) =>
  request<T>("GET", path, undefined, signal);
export const post = <T>(path: string, body?: unknown) => request<T>("POST", path, body);
export const put = <T>(path: string, body: unknown) => request<T>("PUT", path, body);
export const patch = <T>(path: string, body: unknown) => request<T>("PATCH", path, body);
export const del = <T>(path: string) => request<T>("DELETE", path);

/** Routes where `unauthorized` speaks of a wrong password or of nobody being signed in yet. */
const open = ["/login", "/register", "/reauth", "/passkeys/finish", "/passkeys/confirm", "/reset", "/invites/open", "/links/open", "/guests", "/session", "/status"];

async function failure(response: Response): Promise<RequestError> {
  try {
    const body = (await response.json()) as Partial<ErrorBody>;
    if (body.error && typeof body.error.code === "string") return RequestError.of(body.error);
  } catch {
    // Not our server's words: a proxy, perhaps. Its status is all there is.
  }
  const byStatus: Record<number, FailureCode> = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    413: "too_large",
    429: "rate_limited",
    503: "unavailable",
  };
  return new RequestError(byStatus[response.status] ?? "offline", `status ${response.status}`);
}
