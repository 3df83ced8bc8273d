import { useState } from "react";

import { CheckCode, ShowCode } from "@/components/recovery-code";
import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import { useSession } from "@/session";

/** A new recovery code, in a dialog. */
export function NewCode({ code, onDone }: { code: string; onDone(): void }) {
  const { recovery } = useWords().account;
  const session = useSession();
  const name = useReadable(session.accounts).get(session.account)?.name ?? "";
  const [kept, setKept] = useState(false);
  return (
    <>
      <p className="mb-4 text-muted-foreground">{kept ? recovery.check.text : recovery.text}</p>
      {kept ? (
        <CheckCode code={code} onAgain={() => setKept(false)} onDone={onDone} />
      ) : (
        <ShowCode code={code} name={name} onKept={() => setKept(true)} />
      )}
    </>
  );
}
