import { ScrollText } from "lucide-react";

import { EmptyState } from "@/components/empty-state";
import { LongList } from "@/components/long-list";
import { useNow } from "@/lib/clock";
import { dayName, fullTime, timeOfDay } from "@/lib/format";
import { useLocale } from "@/lib/i18n";
import { useOwnerWords } from "@/lib/words/owner";
import type { ActLog, NotedAct } from "@/protocol/wire";

import { useActText } from "./act-text";
import { PagedList } from "./parts";
import { type Pages, usePages } from "./use-pages";

/** What admins did, the newest first. */
export function LogSection() {
  const { log: words } = useOwnerWords();
  const paged = usePages<ActLog, NotedAct>("/owner/log?", pages);
  return (
    <>
      <p className="text-muted-foreground">{words.text}</p>
      <PagedList paged={paged} empty={<EmptyState icon={ScrollText} title={words.none} text={words.noneText} />}>
        {(acts) => (
          <LongList items={acts} keyOf={({ id }) => String(id)} className="mt-4">
            {(act) => <Line act={act} />}
          </LongList>
        )}
      </PagedList>
    </>
  );
}

function Line({ act }: { act: NotedAct }) {
  const locale = useLocale();
  const now = useNow();
  const text = useActText();
  return (
    <div className="flex items-baseline gap-4 border-b py-2.5 max-sm:flex-col-reverse max-sm:gap-0.5">
      <p className="min-w-0 flex-1">
        <bdi>{text(act)}</bdi>
      </p>
      <time
        dateTime={new Date(act.time).toISOString()}
        title={fullTime(act.time, locale)}
        className="shrink-0 text-sm text-muted-foreground tabular-nums"
      >
        {dayName(act.time, now, locale)}, {timeOfDay(act.time, locale)}
      </time>
    </div>
  );
}

const pages: Pages<ActLog, NotedAct> = {
  items: ({ acts }) => acts,
  more: ({ more }) => more,
  next: (loaded) => {
    const last = loaded.at(-1);
    return last ? `before=${last.id}` : "";
  },
};
