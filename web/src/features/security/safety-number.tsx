import { ScanLine } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";

import { FormError } from "@/components/field";
import { Isolate } from "@/components/isolate";
import { Section } from "@/components/page";
import { QrCode } from "@/components/qr-code";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { toast } from "@/lib/toasts";
import { useTask } from "@/lib/use-task";
import { useSecurityWords } from "@/lib/words/security";
import type { Account } from "@/protocol/wire";
import { type Contact, type SafetyNumber as Compared, useSession } from "@/session";

const ScanCode = lazy(() => import("./scan-code").then((scan) => ({ default: scan.ScanCode })));

/** What two people compare, by eye, by voice or by camera. */
export function SafetyNumber({ account, contact }: { account: Account; contact: Contact }) {
  const { person } = useSecurityWords();
  const { contacts } = useSession();
  const number = useNumber(contact);
  const [scanning, setScanning] = useState(false);
  const task = useTask();
  const verify = (verified: boolean) =>
    task.run(async () => {
      await contacts.setVerified(account.id, verified);
      toast(verified ? person.safety.done(account.name) : person.safety.undone);
    });
  return (
    <Section title={person.safety.title} text={<Isolate say={person.safety.text} names={[account.name]} />}>
      {number ? (
        <div className="flex flex-col gap-6 sm:flex-row sm:items-start">
          <p
            aria-label={person.safety.number}
            role="group"
            className="grid w-fit grid-cols-4 gap-x-4 gap-y-1.5 font-mono text-lg tabular-nums sm:grid-cols-3"
          >
            {number.digits.split(" ").map((group, i) => (
              <span key={i}>{group}</span>
            ))}
          </p>
          <QrCode text={number.code} label={person.safety.qr} className="size-56 shrink-0" />
        </div>
      ) : (
        <Skeleton className="h-48" />
      )}
      <div className="mt-6 flex flex-wrap gap-3">
        {contact.verified ? (
          <Button variant="secondary" aria-disabled={task.busy} onClick={() => verify(false)}>
            {person.safety.undo}
          </Button>
        ) : (
          <Button aria-disabled={task.busy || !number} onClick={() => number && verify(true)}>
            {person.safety.match}
          </Button>
        )}
        <Button variant="secondary" onClick={() => setScanning(true)}>
          <ScanLine aria-hidden />
          {person.safety.scan}
        </Button>
      </div>
      <FormError>{task.error}</FormError>
      <Suspense>
        {scanning && (
          <ScanCode
            name={account.name}
            check={(code) => contacts.scan(account.id, code)}
            onDone={() => {
              setScanning(false);
              toast(person.safety.done(account.name));
            }}
            onClose={() => setScanning(false)}
          />
        )}
      </Suspense>
    </Section>
  );
}

/** Anew whenever the keys of the other one have changed. */
function useNumber(contact: Contact): Compared | null {
  const { contacts } = useSession();
  const [number, setNumber] = useState<Compared | null>(null);
  useEffect(() => {
    let over = false;
    contacts.safetyNumber(contact.account).then(
      (made) => !over && setNumber(made),
      () => !over && setNumber(null),
    );
    return () => {
      over = true;
    };
  }, [contacts, contact]);
  return number;
}
