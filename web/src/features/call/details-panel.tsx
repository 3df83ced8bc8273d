import { useEffect, useState } from "react";

import { useLocale, useWords, type Words } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import { type CallStats, type CurrentCall, StatsReader } from "@/media";
import { useSession } from "@/session";

import { Panel } from "./panel";

/** How sound and picture travel, looked at once a second while it is open. */
export function DetailsPanel({ call, onClose }: { call: CurrentCall; onClose: () => void }) {
  const words = useWords();
  const locale = useLocale();
  const { relay_calls: wish } = useReadable(useSession().settings);
  const stats = useStats(call);
  const { facts } = words.call;
  return (
    <Panel title={words.call.details} onClose={onClose}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-sm tabular-nums">
        {rows(stats, words, locale).map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted-foreground">{name}</dt>
            <dd className="text-right">{value}</dd>
          </div>
        ))}
      </dl>
      {stats && stats.relayed !== null && (
        <p className="mt-3 border-t pt-3 text-sm text-muted-foreground">
          {!stats.relayed ? facts.directWhy : wish ? facts.relayedWish : facts.relayedNeed}
        </p>
      )}
    </Panel>
  );
}

function useStats(call: CurrentCall): CallStats | null {
  const [stats, setStats] = useState<CallStats | null>(null);
  useEffect(() => {
    const reader = new StatsReader();
    let over = false;
    const look = () => {
      reader.read(call.line?.peer ?? null).then(
        (seen) => !over && setStats(seen),
        // The connection was closed while it was asked.
        () => undefined,
      );
    };
    look();
    const timer = setInterval(look, 1_000);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [call]);
  return stats;
}

function rows(stats: CallStats | null, words: Words, locale: string): [string, string][] {
  const { facts } = words.call;
  const codecs = [...new Set([stats?.received?.codec ?? stats?.sent?.codec, stats?.soundCodec])].filter(Boolean);
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const picture = (seen: CallStats["received"] | undefined) =>
    seen ? facts.picture(seen.width, seen.height, Math.round(seen.framesPerSecond)) : facts.none;
  return [
    [facts.way, way(stats, words)],
    [facts.protocol, stats?.protocol?.toUpperCase() ?? facts.unknown],
    [facts.roundTrip, known(stats?.roundTrip, (value) => facts.ms(Math.round(value)), words)],
    [facts.loss, known(stats?.loss, (value) => percent.format(value), words)],
    [facts.codec, codecs.join(", ") || facts.unknown],
    [facts.received, picture(stats?.received)],
    [facts.sent, picture(stats?.sent)],
    [
      facts.rate,
      stats?.receiving == null || stats.sending === null
        ? facts.unknown
        : facts.rates(rate(stats.receiving, locale), rate(stats.sending, locale)),
    ],
  ];
}

function way(stats: CallStats | null, words: Words): string {
  const { facts } = words.call;
  if (!stats || stats.relayed === null) return facts.unknown;
  return stats.relayed ? facts.relayed : facts.direct;
}

function known(value: number | null | undefined, show: (value: number) => string, words: Words): string {
  return value == null ? words.call.facts.unknown : show(value);
}

function rate(bits: number, locale: string): string {
  const mega = bits >= 1_000_000;
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: mega ? 1 : 0 });
  return `${number.format(bits / (mega ? 1_000_000 : 1_000))} ${mega ? "Mbit/s" : "kbit/s"}`;
}
