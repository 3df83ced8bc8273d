import { Button } from "@/components/ui/button";
import { useNow } from "@/lib/clock";
import { relativeTime } from "@/lib/format";
import { useLocale } from "@/lib/i18n";
import { useGuestWords } from "@/lib/words/guests";

import { useEnds } from "./use-ends";

/** Tells a guest until when the visit lasts, and how to stay. */
export function KeepBanner({ onKeep }: { onKeep(): void }) {
  const { keep } = useGuestWords();
  const locale = useLocale();
  const now = useNow();
  const ends = useEnds();
  return (
    <section aria-label={keep.section} className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b bg-accent px-4 py-2 text-sm text-accent-foreground">
      {ends !== null && <p className="min-w-0 flex-1 basis-40">{keep.banner(relativeTime(ends, now, locale))}</p>}
      <Button variant="outline" size="sm" onClick={onKeep}>
        {keep.action}
      </Button>
    </section>
  );
}
