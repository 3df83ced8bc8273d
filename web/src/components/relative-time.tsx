import { useNow } from "@/lib/clock";
import { fullTime, relativeTime, shortTime } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import type { Millis } from "@/protocol/wire";

/** A moment, relative while it is fresh; in full on hover. */
export function RelativeTime({
  time,
  long = false,
  className,
}: {
  time: Millis;
  long?: boolean;
  className?: string;
}) {
  const words = useWords();
  const locale = useLocale();
  const now = useNow();
  return (
    <time
      dateTime={new Date(time).toISOString()}
      title={fullTime(time, locale)}
      className={className}
    >
      {long ? relativeTime(time, now, locale) : shortTime(time, now, locale, words.common.justNow)}
    </time>
  );
}
