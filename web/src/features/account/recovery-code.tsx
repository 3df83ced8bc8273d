import { useState } from "react";

import { Door } from "@/components/door";
import { CheckCode, ShowCode } from "@/components/recovery-code";
import { useWords } from "@/lib/i18n";

export interface RecoveryCodeProps {
  /** Seven groups of four. */
  code: string;
  /** Whose it is, for the printed sheet. */
  name: string;
  onDone(): void;
}

/** A new recovery code: shown once, then its end is typed again before it goes on. */
export function RecoveryCode({ code, name, onDone }: RecoveryCodeProps) {
  const { recovery } = useWords().account;
  const [kept, setKept] = useState(false);
  return kept ? (
    <Door title={recovery.check.title} text={recovery.check.text}>
      <CheckCode code={code} onAgain={() => setKept(false)} onDone={onDone} />
    </Door>
  ) : (
    <Door title={recovery.title} text={recovery.text}>
      <ShowCode code={code} name={name} onKept={() => setKept(true)} />
    </Door>
  );
}
