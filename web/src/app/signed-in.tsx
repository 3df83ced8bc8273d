import { Fragment, lazy, type ReactNode } from "react";

import { useReadable } from "@/lib/use-readable";
import { SessionContext } from "@/session";

import { currentSession, keysCame } from "./current-session";
import { leave } from "./sign-out";

const Keyless = lazy(() => import("@/features/account").then((doors) => ({ default: doors.Keyless })));

/** What is inside, with the session that it looks at. */
export function SignedIn({ children }: { children: ReactNode }) {
  const current = useReadable(currentSession);
  switch (current.state) {
    case "none":
      return null;
    case "keyless":
      return (
        <Keyless session={current.signedIn} anew={current.anew} onDone={keysCame} onSignOut={() => void leave()} />
      );
    case "running":
      return (
        <SessionContext value={current.session}>
          <Fragment key={current.session.account}>{children}</Fragment>
        </SessionContext>
      );
  }
}
