import { useState } from "react";

import { Door } from "@/components/door";
import { useWords } from "@/lib/i18n";
import type { Session } from "@/protocol/wire";

import { RegisterForm } from "./register-form";
import { takeSecret } from "@/lib/secret";
import { WithNewCode } from "./welcome-code";

/** The first account, made with the token in the fragment of the setup link. */
export function SetUp({ onDone }: { onDone(session: Session): void }) {
  const { account } = useWords();
  const [token] = useState(takeSecret);
  if (token === null) return <Door title={account.setup.title} text={account.setup.noLink} />;
  return (
    <WithNewCode onDone={onDone}>
      {(done) => (
        <Door title={account.setup.title} text={account.setup.text}>
          <RegisterForm
            entrance={{ type: "setup", token }}
            action={account.setup.action}
            badTicket={account.setup.badLink}
            onDone={done}
          />
        </Door>
      )}
    </WithNewCode>
  );
}
