import { type ReactNode, useState } from "react";

import type { Session } from "@/protocol/wire";
import type { NewAccount } from "@/session/account";

import { RecoveryCode } from "./recovery-code";

/** Shows what `door` asks for and then, once, the recovery code that came of it. */
export function WithNewCode({
  onDone,
  children,
}: {
  onDone(session: Session): void;
  children(done: (made: NewAccount) => void): ReactNode;
}) {
  const [made, setMade] = useState<NewAccount>();
  if (!made) return children(setMade);
  return (
    <RecoveryCode
      code={made.code}
      name={made.session.account.name}
      onDone={() => {
        made.kept();
        onDone(made.session);
      }}
    />
  );
}
