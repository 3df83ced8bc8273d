import { useState } from "react";

import { Section } from "@/components/page";
import { Confirm } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { useNow } from "@/lib/clock";
import { relativeTime } from "@/lib/format";
import { useLocale } from "@/lib/i18n";
import { useGuestWords } from "@/lib/words/guests";

import { useEnds } from "./use-ends";

/** In a guest's settings: staying, and going for good. */
export function Visit({ onKeep, onLeave }: { onKeep(): void; onLeave(): void }) {
  const { keep } = useGuestWords();
  const locale = useLocale();
  const now = useNow();
  const ends = useEnds();
  const [leaving, setLeaving] = useState(false);
  return (
    <>
      <Section title={keep.section} text={ends === null ? undefined : keep.sectionText(relativeTime(ends, now, locale))}>
        <div className="flex flex-wrap gap-3">
          <Button onClick={onKeep}>{keep.action}</Button>
          <Button variant="secondary" onClick={() => setLeaving(true)}>
            {keep.leave}
          </Button>
        </div>
      </Section>
      <Confirm
        open={leaving}
        onOpenChange={setLeaving}
        title={keep.leaveAsk}
        text={keep.leaveText}
        action={keep.leave}
        destructive
        onConfirm={onLeave}
      />
    </>
  );
}
