import { useReadable } from "@/lib/use-readable";
import { SessionContext } from "@/session";

import { currentSession } from "./current-session";
import { Frame } from "./frame";

/** The rooms, with the session that everything inside looks at. */
export function SignedIn() {
  const session = useReadable(currentSession);
  if (!session) return null;
  return (
    <SessionContext value={session}>
      <Frame key={session.account} />
    </SessionContext>
  );
}
