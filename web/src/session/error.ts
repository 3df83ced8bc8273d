import type { ApiError, ErrorCode } from "@/protocol/wire";

/** The server's no to a command or request. */
export class Refused extends Error implements ApiError {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retry_ms?: number;

  constructor(error: ApiError) {
    super(`${error.code}: ${error.detail}`);
    this.name = "Refused";
    this.code = error.code;
    this.detail = error.detail;
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
