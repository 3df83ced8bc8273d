// What a check comes to: pure, so that every verdict can be shown in a table of tests.

/** How it is: fine, worth a look, broken; or it was not tried. */
export type Verdict = "ok" | "warn" | "fail" | "skipped";

/** What was found; each has its own words and, where something can be done, a cure. */
export type Code =
  | "secure"
  | "insecure"
  | "certificate_known"
  | "certificate_unknown"
  | "certificate_none"
  | "server_answers"
  | "server_slow"
  | "server_gone"
  | "socket_opens"
  | "socket_blocked"
  | "device_allowed"
  | "device_asks"
  | "device_refused"
  | "device_missing"
  | "device_unusable"
  | "relay_passes"
  | "relay_slow"
  | "relay_unreachable"
  | "relay_refused"
  | "relay_lost"
  | "relay_nowhere"
  | "relay_no_credentials"
  | "no_calls"
  | "udp_open"
  | "udp_blocked"
  | "udp_unknown"
  | "speed_good"
  | "speed_low"
  | "speed_bad"
  | "speed_untried"
  | "needs_account";

/** Figures that the words may name. */
export interface Figures {
  /** There and back. */
  ms?: number;
  /** Bits per second that arrived. */
  rate?: number;
  /** Of what was sent, from 0 to 1. */
  loss?: number;
}

export interface Outcome extends Figures {
  verdict: Verdict;
  code: Code;
}

/** How a packet went there and back through the relay, or how far it got. */
export type Passage =
  | { passed: true; ms: number }
  /** `code` is that of the last error of STUN or of the browser, 701 when nothing answers. */
  | { passed: false; gathered: boolean; code: number | null };

/** What a flood of a few seconds came to. */
export interface Flood {
  sent: number;
  received: number;
  bytes: number;
  /** From the first that arrived to the last. */
  ms: number;
  /**
   * Bytes that went out of one end and came in at the other, by the browser's own count. A browser under load gives up
   * messages that were never lost, so these tell the truth about the network; null where it does not count.
   */
  carried: { sent: number; received: number } | null;
}

export type Permission = "granted" | "prompt" | "denied" | "unknown";

export function judgeServer(ms: number | null): Outcome {
  if (ms === null) return { verdict: "fail", code: "server_gone" };
  return ms > SLOW_SERVER_MS ? { verdict: "warn", code: "server_slow", ms } : { verdict: "ok", code: "server_answers", ms };
}

export function judgeCertificate(protocol: string, trusted: boolean | null): Outcome {
  if (protocol !== "https:") return { verdict: "skipped", code: "certificate_none" };
  return trusted === false ? { verdict: "warn", code: "certificate_unknown" } : { verdict: "ok", code: "certificate_known" };
}

/** `there` is whether the browser lists one; it lists all as one kind before it was allowed. */
export function judgeDevice(there: boolean, permission: Permission): Outcome {
  if (permission === "denied") return { verdict: "fail", code: "device_refused" };
  if (!there) return { verdict: "warn", code: "device_missing" };
  return { verdict: "ok", code: permission === "granted" ? "device_allowed" : "device_asks" };
}

export function judgePassage(passage: Passage): Outcome {
  if (passage.passed) {
    const { ms } = passage;
    return ms > SLOW_RELAY_MS ? { verdict: "warn", code: "relay_slow", ms } : { verdict: "ok", code: "relay_passes", ms };
  }
  if (passage.gathered) return { verdict: "fail", code: "relay_lost" };
  const answered = passage.code !== null && passage.code < FIRST_OWN_CODE;
  return { verdict: "fail", code: answered ? "relay_refused" : "relay_unreachable" };
}

/** Whether UDP gets out, from the ways through the relay. */
export function judgeUdp(ways: readonly { transport: Transport; outcome: Outcome }[]): Outcome {
  const works = (transport: Transport) => ways.some((way) => way.transport === transport && way.outcome.verdict !== "fail");
  if (works("udp")) return { verdict: "ok", code: "udp_open" };
  const tried = ways.some(({ transport }) => transport === "udp");
  if (tried && (works("tcp") || works("tls"))) return { verdict: "warn", code: "udp_blocked" };
  return { verdict: "skipped", code: "udp_unknown" };
}

export function judgeFlood({ sent, received, bytes, ms, carried }: Flood): Outcome {
  if (sent === 0 || received === 0 || ms <= 0) return { verdict: "fail", code: "speed_bad", rate: 0, loss: 1 };
  const loss = Math.max(0, 1 - (carried ? carried.received / carried.sent : received / sent));
  const rate = ((carried?.received ?? bytes) * 8 * 1000) / ms;
  if (rate >= GOOD_RATE && loss <= GOOD_LOSS) return { verdict: "ok", code: "speed_good", rate, loss };
  if (rate >= LOW_RATE && loss <= LOW_LOSS) return { verdict: "warn", code: "speed_low", rate, loss };
  return { verdict: "fail", code: "speed_bad", rate, loss };
}

/** How clients reach the relay. */
export type Transport = "udp" | "tcp" | "tls";

/** One way to the relay: an address as the browser takes it. */
export interface Way {
  url: string;
  transport: Transport;
  port: number;
}

/** The ways among the addresses that the server gives. */
export function waysOf(urls: readonly string[], hostname: string): Way[] {
  return urls.flatMap((given) => {
    const url = given.replaceAll("{host}", hostname);
    const parts = /^(turns?):.*:(\d+)(?:\?transport=(udp|tcp))?$/.exec(url);
    if (!parts) return [];
    const transport = parts[1] === "turns" ? "tls" : ((parts[3] ?? "udp") as Transport);
    return [{ url, transport, port: Number(parts[2]) }];
  });
}

const SLOW_SERVER_MS = 1_000;
const SLOW_RELAY_MS = 400;
/** Codes from here on are the browser's, not the relay's. */
const FIRST_OWN_CODE = 700;
/** Enough for a picture of one person. */
const GOOD_RATE = 1_200_000;
const GOOD_LOSS = 0.03;
/** Enough for sound and a small picture. */
const LOW_RATE = 250_000;
const LOW_LOSS = 0.12;
