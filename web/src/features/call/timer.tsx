import { useEffect, useState } from "react";

import { duration } from "@/lib/format";
import { useWords } from "@/lib/i18n";
import type { Millis } from "@/protocol/wire";
import { useSession } from "@/session";

/** How long the call has been going on. */
export function Timer({ since }: { since: Millis }) {
  const words = useWords();
  const session = useSession();
  const [now, setNow] = useState(() => session.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(session.now()), 500);
    return () => clearInterval(timer);
  }, [session]);
  return (
    <span role="timer" aria-label={words.call.duration} className="tabular-nums">
      {duration(now - since)}
    </span>
  );
}
