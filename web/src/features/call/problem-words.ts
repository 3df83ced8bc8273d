// What is wrong with a device and what to do about it on this browser.

import type { Words } from "@/lib/i18n";
import type { Problem } from "@/media";

/** Which device. */
export type Kind = "microphone" | "camera" | "screen";

/** A sentence for what is wrong, and one for the cure. */
export function problemWords(kind: Kind, problem: Problem, words: Words): { what: string; cure: string } {
  const { problems } = words.call;
  return { what: problems[kind][problem], cure: cure(problem, problems.cures) };
}

function cure(problem: Problem, cures: Words["call"]["problems"]["cures"]): string {
  const agent = navigator.userAgent;
  switch (problem) {
    case "refused":
      if (/Firefox\//.test(agent)) return cures.refusedFirefox;
      if (/Mobi|Android|iPhone|iPad/.test(agent)) return cures.refusedOther;
      if (/Chrome\//.test(agent)) return cures.refusedChromium;
      return /Safari\//.test(agent) ? cures.refusedSafari : cures.refusedOther;
    case "blocked":
      if (/Macintosh/.test(agent)) return cures.blockedMac;
      return /Windows/.test(agent) ? cures.blockedWindows : cures.blockedOther;
    default:
      return cures[problem];
  }
}
