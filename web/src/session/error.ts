import type { ApiError, ErrorCode } from "@/protocol/wire";

/** The server's no to a command or request, or the vault's, which then names its `problem`. */
export class Refused extends Error implements ApiError {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retry_ms?: number;
  readonly problem: string | null;

  constructor(error: ApiError, problem: string | null = null) {
    super(`${error.code}: ${error.detail}`);
    this.name = "Refused";
    this.code = error.code;
    this.detail = error.detail;
    this.problem = problem;
    if (error.retry_ms !== undefined) this.retry_ms = error.retry_ms;
  }
}

/** There was no connection, or it was lost before the answer came: nobody knows whether it was done. */
export class Offline extends Error {
  constructor() {
    super("offline");
    this.name = "Offline";
  }
}
