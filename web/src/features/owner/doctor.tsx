import { CircleAlert, CircleCheck, CircleX, LoaderCircle, type LucideIcon } from "lucide-react";
import { useState } from "react";

import { FormError } from "@/components/field";
import { Section } from "@/components/page";
import { Button } from "@/components/ui/button";
import { post } from "@/lib/api";
import { cn } from "@/lib/cn";
import { useNow } from "@/lib/clock";
import { errorText } from "@/lib/error-text";
import { fullTime, relativeTime } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import { useLoaded } from "@/lib/use-loaded";
import { useOwnerWords } from "@/lib/words/owner";
import type { DoctorFinding, DoctorVerdict, Examination, Examinations } from "@/protocol/wire";

/** What `callbox doctor` says of this server, examined when the owner wants it. */
export function DoctorSection() {
  const { doctor: words } = useOwnerWords();
  const general = useWords();
  const { value, error, change } = useLoaded<Examinations>(PATH);
  const [running, setRunning] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const examine = async () => {
    setRunning(true);
    setFailure(undefined);
    try {
      change({ last: await post<Examination>(PATH) });
    } catch (cause) {
      setFailure(cause);
    } finally {
      setRunning(false);
    }
  };
  const last = value?.last ?? null;
  return (
    <Section title={words.title} text={words.text}>
      <FormError>{failure === undefined ? error : errorText(failure, general)}</FormError>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button variant="secondary" onClick={() => void examine()} disabled={running}>
          {running && <LoaderCircle aria-hidden className="size-4 animate-spin motion-reduce:animate-none" />}
          {last ? words.again : words.now}
        </Button>
        <p role="status" className="text-sm text-muted-foreground">
          {running ? words.running : value && <When last={last} />}
        </p>
      </div>
      {last && <Findings findings={last.findings} dim={running} />}
    </Section>
  );
}

function When({ last }: { last: Examination | null }) {
  const { doctor: words } = useOwnerWords();
  const locale = useLocale();
  const now = useNow();
  if (!last) return words.never;
  return <time title={fullTime(last.at, locale)}>{words.summary(counted(last), relativeTime(last.at, now, locale))}</time>;
}

function counted({ findings }: Examination): { fail: number; warn: number } {
  const count = (wanted: DoctorVerdict) => findings.filter(({ verdict }) => verdict === wanted).length;
  return { fail: count("fail"), warn: count("warn") };
}

/** What does not work comes first. The findings themselves are the server's, in English. */
function Findings({ findings, dim }: { findings: readonly DoctorFinding[]; dim: boolean }) {
  const { doctor: words } = useOwnerWords();
  const sorted = [...findings].sort((a, b) => looks[a.verdict].rank - looks[b.verdict].rank);
  return (
    <ul aria-label={words.found} className={cn("mt-4 divide-y rounded-xl border transition-opacity", dim && "opacity-60")}>
      {sorted.map(({ check, verdict, says, cure }) => {
        const { Icon, color } = looks[verdict];
        return (
          <li key={`${check} ${says}`} className="flex gap-3 px-4 py-3" data-verdict={verdict}>
            <Icon aria-hidden className={cn("mt-0.5 size-5 shrink-0", color)} />
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-baseline justify-between gap-x-3">
                <span className="font-medium">{words.checks[check]}</span>
                <span className={cn("text-sm", color)}>{words.verdicts[verdict]}</span>
              </p>
              <p lang="en" className="break-words text-muted-foreground">
                {says}
              </p>
              {cure !== undefined && (
                <p
                  lang="en"
                  className="mt-2 rounded-lg bg-attention px-3.5 py-2 text-sm break-words text-attention-foreground"
                >
                  {cure}
                </p>
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

const looks: Record<DoctorVerdict, { Icon: LucideIcon; color: string; rank: number }> = {
  fail: { Icon: CircleX, color: "text-destructive", rank: 0 },
  warn: { Icon: CircleAlert, color: "text-attention-foreground", rank: 1 },
  ok: { Icon: CircleCheck, color: "text-primary", rank: 2 },
};

const PATH = "/owner/doctor";
