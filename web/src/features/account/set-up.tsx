import { useState } from "react";

import { Door } from "@/components/door";
import { fromBase64Url } from "@/lib/base64";
import { useWords } from "@/lib/i18n";
import type { Blob, Session } from "@/protocol/wire";

import { RegisterForm } from "./register-form";

/** The first account, made with the token in the fragment of the setup link. */
export function SetUp({ onDone }: { onDone(session: Session): void }) {
  const { account } = useWords();
  const [token] = useState(() => secretOf(location.hash));
  if (token === null) return <Door title={account.setup.title} text={account.setup.noLink} />;
  return (
    <Door title={account.setup.title} text={account.setup.text}>
      <RegisterForm
        ticket={{ type: "setup", token }}
        action={account.setup.action}
        badTicket={account.setup.badLink}
        onDone={onDone}
      />
    </Door>
  );
}

/** The secret in a link's fragment, which browsers never send. */
export function secretOf(hash: string): Blob | null {
  const text = hash.replace(/^#/, "");
  return text !== "" && fromBase64Url(text) ? (text as Blob) : null;
}
