import type { FailureCode } from "./api";
import type { Words } from "./i18n";
import { PasskeyError } from "./passkey";

/** What a failure tells: our own refusals all look like this, over HTTP and over the socket. */
interface Failure {
  code: FailureCode;
  retry_ms?: number | undefined;
}

/** What to tell a person about something that failed. Never the server's own text. */
export function errorText(error: unknown, words: Words): string {
  const { errors } = words.common;
  if (error instanceof Error && error.name === "Offline") return errors.offline;
  if (error instanceof PasskeyError) return errors.passkey[error.reason];
  const problem = problemOf(error);
  if (problem !== null && problem in errors.vault) return errors.vault[problem as keyof typeof errors.vault];
  if (!isFailure(error)) return errors.unknown;
  switch (error.code) {
    case "rate_limited":
      return errors.rateLimited(Math.max(1, Math.ceil((error.retry_ms ?? 60_000) / 60_000)));
    case "name_taken":
      return errors.nameTaken;
    case "unauthorized":
      return errors.unauthorized;
    case "forbidden":
      return errors.forbidden;
    case "not_found":
      return errors.notFound;
    case "conflict":
      return errors.conflict;
    case "too_large":
      return errors.tooLarge;
    case "quota_exceeded":
      return errors.quotaExceeded;
    case "reauth_required":
      return errors.reauthRequired;
    case "setup_required":
      return errors.setupRequired;
    case "version":
      return errors.version;
    case "stale_epoch":
      return errors.staleEpoch;
    case "rotate_first":
      return errors.rotateFirst;
    case "device_unknown":
      return errors.deviceUnknown;
    case "unavailable":
      return errors.unavailable;
    case "offline":
      return errors.offline;
    default:
      return errors.unknown;
  }
}

/** What the vault says, by itself or within a refusal. */
function problemOf(error: unknown): string | null {
  return error instanceof Error && "problem" in error && typeof error.problem === "string" ? error.problem : null;
}

function isFailure(error: unknown): error is Failure {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
