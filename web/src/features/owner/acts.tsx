import { createContext, type ReactNode, useContext, useMemo, useState } from "react";

import { ProofForm } from "@/components/proof-form";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { RequestError } from "@/lib/api";
import { errorText } from "@/lib/error-text";
import { useWords } from "@/lib/i18n";
import { toast } from "@/lib/toasts";
import { useReadable } from "@/lib/use-readable";
import { useOwnerWords } from "@/lib/words/owner";
import { useSession } from "@/session";
import { type Given, proofOf } from "@/session/account";

/** Something the owner does. */
export interface OwnerAct {
  send(): Promise<unknown>;
  /** What to say when it is done; none when something else shows it. */
  done?: string;
  /** What takes it back. */
  undo?: Omit<OwnerAct, "undo">;
  /** Looks again at what has changed. */
  after?(): void;
}

const Acts = createContext<((act: OwnerAct) => void) | null>(null);

/** Does something: asks for the password when the server wants it, says what came of it, offers to undo it. */
export function useAct(): (act: OwnerAct) => void {
  const act = useContext(Acts);
  if (!act) throw new Error("useAct outside of OwnerActs");
  return act;
}

/** Where acts are done, and the password for them is asked for. */
export function OwnerActs({ children }: { children: ReactNode }) {
  const words = useWords();
  const ownerWords = useOwnerWords();
  const session = useSession();
  const name = useReadable(session.accounts).get(session.account)?.name ?? "";
  const [waiting, setWaiting] = useState<OwnerAct>();

  const act = useMemo(() => {
    const begin = (wanted: OwnerAct) => {
      finish(wanted).catch((error: unknown) => {
        if (error instanceof RequestError && error.code === "reauth_required") setWaiting(wanted);
        else toast(errorText(error, words), { tone: "error" });
      });
    };
    const finish = async ({ send, done, undo, after }: OwnerAct) => {
      await send();
      after?.();
      if (done === undefined) return;
      toast(done, undo ? { action: { label: ownerWords.undo, run: () => begin(undo) } } : {});
    };
    return { begin, finish };
  }, [words, ownerWords]);

  const prove = async (given: Given) => {
    await proofOf({ account: session.account, name }, given);
    const wanted = waiting;
    setWaiting(undefined);
    if (wanted) act.begin(wanted);
  };

  return (
    <Acts value={act.begin}>
      {children}
      <Dialog open={waiting !== undefined} onOpenChange={(open) => !open && setWaiting(undefined)}>
        <DialogContent title={words.account.confirm.title} description={ownerWords.confirmText}>
          <ProofForm name={name} onGiven={prove} />
        </DialogContent>
      </Dialog>
    </Acts>
  );
}
