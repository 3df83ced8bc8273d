// What can be wrong with a microphone, camera or screen, as kinds that each
// have their own sentence and cure. The words live in the view.

/** Why there is no picture or sound from a device. */
export type Problem =
  /** The person said no, now or once for always. */
  | "refused"
  /** The operating system does not let the browser use it. */
  | "blocked"
  /** There is no such device. */
  | "missing"
  /** Another program has it. */
  | "busy"
  /** The page did not come over HTTPS. */
  | "insecure"
  /** The browser cannot. */
  | "unsupported"
  /** Something else. */
  | "failed";

/** What stands in the way before anything was asked for; null when nothing does. */
export function obstacle(): Problem | null {
  if (!globalThis.isSecureContext) return "insecure";
  if (!("mediaDevices" in navigator) || !navigator.mediaDevices?.getUserMedia) return "unsupported";
  return null;
}

/** Whether this browser can make calls at all. */
export function callObstacle(): Problem | null {
  const problem = obstacle();
  if (problem) return problem;
  return typeof RTCPeerConnection === "undefined" ? "unsupported" : null;
}

/** The kind of an error from `getUserMedia` or `getDisplayMedia`. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof Error)) return "failed";
  switch (error.name) {
    case "NotAllowedError":
      return /system|platform/i.test(error.message) ? "blocked" : "refused";
    case "SecurityError":
      return "refused";
    case "NotFoundError":
    case "DevicesNotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "TrackStartError":
    case "AbortError":
      return "busy";
    case "NotSupportedError":
    case "TypeError":
      return "unsupported";
    default:
      return "failed";
  }
}
