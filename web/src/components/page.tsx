import { ArrowLeft } from "lucide-react";
import { type ComponentProps, type ReactNode, useRef } from "react";
import { Link } from "wouter";

import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { useWords } from "@/lib/i18n";

import { ScrollerContext } from "./scroller";

/** A pane of the frame with a heading: settings, people. On a phone it has a way back. */
export function Page({
  title,
  back,
  level = 1,
  actions,
  children,
}: {
  title: ReactNode;
  back?: string;
  /** Of the heading, when another one stands above it. */
  level?: 1 | 2;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const words = useWords();
  const scroller = useRef<HTMLDivElement>(null);
  const Heading = level === 1 ? "h1" : "h2";
  return (
    <div className="flex h-full min-w-0 flex-col">
      <header className="shrink-0 border-b">
        <div className="mx-auto flex h-16 w-full max-w-2xl items-center gap-2 px-4 md:px-8">
          {back !== undefined && (
            <Button asChild variant="ghost" size="icon" className="-ml-2 md:hidden">
              <Link href={back} aria-label={words.common.back}>
                <ArrowLeft aria-hidden />
              </Link>
            </Button>
          )}
          <Heading className="min-w-0 flex-1 truncate text-lg font-semibold">{title}</Heading>
          {actions}
        </div>
      </header>
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto overscroll-contain">
        <div className="mx-auto w-full max-w-2xl px-4 pt-6 pb-[max(3rem,env(safe-area-inset-bottom))] md:px-8">
          <ScrollerContext value={scroller}>{children}</ScrollerContext>
        </div>
      </div>
    </div>
  );
}

/** A part of a page with its own small heading. */
export function Section({
  title,
  text,
  className,
  children,
  ...props
}: Omit<ComponentProps<"section">, "title"> & { title: ReactNode; text?: ReactNode }) {
  return (
    <section className={cn("mb-10 last:mb-0", className)} {...props}>
      <h2 className="font-semibold">{title}</h2>
      {text && <p className="mt-0.5 text-muted-foreground">{text}</p>}
      <div className="mt-4">{children}</div>
    </section>
  );
}
