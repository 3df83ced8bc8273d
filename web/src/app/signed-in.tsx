import { lazy } from "react";

import { useReadable } from "@/lib/use-readable";
import { SessionContext } from "@/session";

import { currentSession, keysCame } from "./current-session";
import { Frame } from "./frame";
import { leave } from "./sign-out";

const Keyless = lazy(() => import("@/features/account").then((doors) => ({ default: doors.Keyless })));

/** The rooms, with the session that everything inside looks at. */
export function SignedIn() {
  const current = useReadable(currentSession);
  switch (current.state) {
    case "none":
      return null;
    case "keyless":
      return <Keyless session={current.signedIn} onDone={keysCame} onSignOut={() => void leave()} />;
    case "running":
      return (
        <SessionContext value={current.session}>
          <Frame key={current.session.account} />
        </SessionContext>
      );
  }
}
