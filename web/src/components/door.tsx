import type { ReactNode } from "react";

import { Mark } from "@/components/mark";

/** The frame of every page in front of the rooms: set-up, invite, sign-in, and plain notices. */
export function Door({
  title,
  text,
  children,
}: {
  title: ReactNode;
  text?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <main className="flex h-full flex-col items-center overflow-y-auto bg-rail px-4 py-8 sm:py-12">
      <div className="my-auto w-full max-w-104">
        <div className="rounded-2xl border bg-card p-6 sm:p-8">
          <Mark className="size-11" />
          <h1 className="mt-5 text-xl font-semibold break-words">{title}</h1>
          {text && <p className="mt-1 text-muted-foreground">{text}</p>}
          {children && <div className="mt-6">{children}</div>}
        </div>
      </div>
    </main>
  );
}
