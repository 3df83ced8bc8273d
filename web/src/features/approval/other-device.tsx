import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";

import { Door } from "@/components/door";
import { FormError } from "@/components/field";
import { QrCode } from "@/components/qr-code";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { errorText } from "@/lib/error-text";
import { duration } from "@/lib/format";
import { useWords } from "@/lib/i18n";
import { useSecurityWords } from "@/lib/words/security";
import type { Session } from "@/protocol/wire";
import { type Asked, askForApproval, NotLetIn } from "@/session/account";

import { requestLink } from "./request-link";
import { SixWords } from "./six-words";

/** Shows a code until another device of the account has let this one in. */
export function OtherDevice({ onDone }: { onDone(session: Session): void }) {
  const { ask } = useSecurityWords().approval;
  const [tries, setTries] = useState(0);
  return (
    <Door title={ask.title} text={ask.text}>
      <Code key={tries} onDone={onDone} onAgain={() => setTries(tries + 1)} />
      <Button asChild variant="link" className="mt-6">
        <Link href="/sign-in">{ask.back}</Link>
      </Button>
    </Door>
  );
}

function Code({ onDone, onAgain }: { onDone(session: Session): void; onAgain(): void }) {
  const words = useWords();
  const { ask } = useSecurityWords().approval;
  const { asked, error } = useApproval(onDone);
  if (error instanceof NotLetIn) {
    return (
      <div className="flex flex-col gap-4">
        <FormError>{ask.refused}</FormError>
        <Button onClick={onAgain}>{ask.newCode}</Button>
      </div>
    );
  }
  if (error !== undefined) {
    return (
      <div className="flex flex-col gap-4">
        <FormError>{errorText(error, words)}</FormError>
        <Button onClick={onAgain}>{ask.failed}</Button>
      </div>
    );
  }
  if (!asked) return <Skeleton className="mx-auto aspect-square w-full max-w-60" />;
  return (
    <div className="flex flex-col items-center gap-6">
      <QrCode text={requestLink(asked.request)} label={ask.qr} className="w-full max-w-60" />
      <SixWords tag={asked.tag} label={ask.words} className="w-full" />
      <Countdown key={asked.request} ends={asked.ends} />
    </div>
  );
}

function Countdown({ ends }: { ends: number }) {
  const { ask } = useSecurityWords().approval;
  const left = useSecondsUntil(ends);
  return (
    <div className="text-center text-sm text-muted-foreground">
      <p role="status">{ask.waiting}</p>
      <p role="timer" className="tabular-nums">
        {ask.left} {duration(left)}
      </p>
    </div>
  );
}

function useSecondsUntil(ends: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, ends - now);
}

/** A request of this device; when one has ended, the next. Nobody looks at a hidden page, so that waits. */
function useApproval(onDone: (session: Session) => void): { asked: Asked | null; error: unknown } {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [error, setError] = useState<unknown>();
  const done = useRef(onDone);
  useEffect(() => {
    done.current = onDone;
  }, [onDone]);
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const run = async () => {
      while (!signal.aborted) {
        await seen(signal);
        const request = await askForApproval();
        if (signal.aborted) return;
        setAsked(request);
        const session = await request.wait(signal);
        if (session) {
          done.current(session);
          return;
        }
      }
    };
    run().catch((cause: unknown) => {
      if (signal.aborted) return;
      setAsked(null);
      setError(cause);
    });
    return () => stop.abort();
  }, []);
  return { asked, error };
}

/** Resolves when the page is visible. */
async function seen(signal: AbortSignal): Promise<void> {
  if (!document.hidden) return;
  await new Promise<void>((resolve) => {
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look);
  });
}
