import { Phone, PhoneOff, Video } from "lucide-react";

import { EmptyState } from "@/components/empty-state";
import { FormError } from "@/components/field";
import { Skeleton } from "@/components/ui/skeleton";
import { duration, fileSize } from "@/lib/format";
import { useLocale } from "@/lib/i18n";
import { useOwnerWords } from "@/lib/words/owner";
import type { CallNow, CallsNow, Millis } from "@/protocol/wire";

import { useFresh } from "./use-fresh";

/** The calls of this moment, without a word about whose they are. */
export function CallsSection() {
  const { calls: words } = useOwnerWords();
  const { value, error } = useFresh<CallsNow>("/owner/calls", EVERY_MS);
  return (
    <>
      <p className="text-muted-foreground">{words.text}</p>
      <FormError>{error}</FormError>
      {!value && error === undefined && <Skeleton className="mt-4 h-16" />}
      {value && (
        <>
          {value.calls.length === 0 ? (
            <EmptyState icon={PhoneOff} title={words.none} text={words.noneText} />
          ) : (
            <ul className="mt-4">
              {value.calls.map((call) => (
                <CallRow key={call.id} call={call} now={value.now} />
              ))}
            </ul>
          )}
          <p className="mt-4 text-sm text-muted-foreground">{words.allocations(value.allocations)}</p>
        </>
      )}
    </>
  );
}

/** The time is the server's, as all its times are. */
function CallRow({ call, now }: { call: CallNow; now: Millis }) {
  const { calls: words } = useOwnerWords();
  const locale = useLocale();
  const Icon = call.media === "video" ? Video : Phone;
  const parts = [
    call.ringing ? words.ringing : words.since(duration(now - call.since)),
    words.devices(call.devices),
    call.relayed ? words.relayed(fileSize(call.relayed.bytes, locale)) : words.direct,
  ];
  return (
    <li className="flex items-center gap-4 border-b py-3">
      <Icon aria-hidden strokeWidth={1.6} className="size-6 shrink-0 text-muted-foreground" />
      <div className="min-w-0">
        <p className="font-medium">{call.media === "video" ? words.video : words.audio}</p>
        <p className="text-sm text-muted-foreground tabular-nums">{parts.join(" · ")}</p>
      </div>
    </li>
  );
}

const EVERY_MS = 3_000;
