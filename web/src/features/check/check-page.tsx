import { Check, Copy } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { Link, useSearchParams } from "wouter";

import { Page } from "@/components/page";
import { Button } from "@/components/ui/button";
import { fullTime } from "@/lib/format";
import { useLocale } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import { useCheckWords } from "@/lib/words/check";

import { keepCheck, lastCheck } from "./last";
import { reportOf } from "./report";
import { CheckRun } from "./run";
import { StepRow } from "./step-row";
import { finished, type Progress, type Step, worst } from "./steps";

/** Says whether this browser reaches everything that calls need, and what to do if not. */
export function CheckPage({ account }: { /** Somebody is signed in. */ account: boolean }) {
  const words = useCheckWords();
  const locale = useLocale();
  const [run] = useState(() => new CheckRun((steps) => keepCheck(steps, Date.now())));
  const progress = useReadable(run.progress);
  const last = useReadable(lastCheck);
  const [params] = useSearchParams();
  const title = useId();
  // Who comes from a call that failed has asked for it already.
  const wanted = useRef(params.has("run"));
  useEffect(() => {
    if (wanted.current) run.start(account);
    wanted.current = false;
  }, [run, account]);
  useEffect(() => () => run.cancel(), [run]);

  const running = progress.phase === "running";
  // Before the first check of this visit, what the last one has found.
  const kept = progress.phase === "idle" ? last : null;
  const steps = kept?.steps ?? progress.steps;
  const whole = kept !== null || progress.phase === "done";
  return (
    <Page title={words.title} back="/">
      <p className="text-muted-foreground">{words.text}</p>
      <div className="mt-5 flex flex-wrap items-center gap-3">
        {running ? (
          <Button variant="secondary" onClick={() => run.cancel()}>
            {words.cancel}
          </Button>
        ) : (
          <Button onClick={() => run.start(account)}>{progress.phase === "idle" && !kept ? words.start : words.again}</Button>
        )}
        {whole && last && <CopyReport steps={steps} at={last.at} />}
        {!account && (
          <Button asChild variant="ghost">
            <Link href="/">{words.signIn}</Link>
          </Button>
        )}
      </div>
      {running && <Bar done={finished(steps)} all={steps.length} />}
      <Said progress={progress} kept={kept?.steps ?? null} />
      {whole && last && (
        <p className="mt-1 text-sm text-muted-foreground">{words.last(fullTime(last.at, locale))}</p>
      )}
      {(running || whole || progress.phase === "cancelled") && (
        <>
          <h2 id={title} className="sr-only">
            {words.list}
          </h2>
          <ol aria-labelledby={title} className="mt-6 divide-y rounded-xl border bg-card">
            {steps.map((step, n) => (
              <StepRow key={n} step={step} />
            ))}
          </ol>
        </>
      )}
    </Page>
  );
}

/** For those who do not see the list change: how far it is, and at the end what it came to. */
function Said({ progress, kept }: { progress: Progress; kept: readonly Step[] | null }) {
  const words = useCheckWords();
  const { phase, steps } = progress;
  let text = "";
  if (kept) text = words.summary[worst(kept)];
  else if (phase === "running") text = words.progress(finished(steps), steps.length);
  else if (phase === "cancelled") text = words.cancelled;
  else if (phase === "done") text = words.summary[worst(steps)];
  return (
    <p role="status" className="mt-4 min-h-6 font-medium">
      {text}
    </p>
  );
}

function Bar({ done, all }: { done: number; all: number }) {
  const words = useCheckWords();
  return (
    <div
      role="progressbar"
      aria-label={words.title}
      aria-valuemin={0}
      aria-valuemax={all}
      aria-valuenow={done}
      className="mt-5 h-1.5 overflow-hidden rounded-full bg-muted"
    >
      <div
        className="h-full origin-left bg-primary transition-transform motion-reduce:transition-none"
        style={{ transform: `scaleX(${all === 0 ? 0 : done / all})` }}
      />
    </div>
  );
}

function CopyReport({ steps, at }: { steps: readonly Step[]; at: number }) {
  const words = useCheckWords();
  const locale = useLocale();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2_500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    const text = reportOf(steps, at, location.host, navigator.userAgent, words, locale);
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      // Refused: the list on the page says the same.
    }
  };
  return (
    <Button variant="secondary" onClick={() => void copy()}>
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
      <span aria-live="polite">{copied ? words.copied : words.copy}</span>
    </Button>
  );
}
