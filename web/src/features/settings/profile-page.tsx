import { useState } from "react";

import { Field, FormError } from "@/components/field";
import { Form } from "@/components/form";
import { Section } from "@/components/page";
import { Button } from "@/components/ui/button";
import { patch } from "@/lib/api";
import { complainOfName } from "@/lib/complaints";
import { useWords } from "@/lib/i18n";
import { signedIn } from "@/lib/signed-in";
import { toast } from "@/lib/toasts";
import { useReadable } from "@/lib/use-readable";
import { useTask } from "@/lib/use-task";
import type { Account, ChangeAccount, Session } from "@/protocol/wire";
import { useSession } from "@/session";

import { FileRoom } from "./file-room";
import { Picture } from "./picture";

/** How the others see this account: picture, which guests have none of, and name. */
export function ProfilePage() {
  const { settings: words } = useWords();
  const session = useSession();
  const account = useReadable(session.accounts).get(session.account);
  if (!account) return null;
  return (
    <>
      {account.role !== "guest" && (
        <Section title={words.profile.picture} text={words.profile.pictureText}>
          <Picture account={account} />
        </Section>
      )}
      <NameForm key={account.name} account={account} />
      <FileRoom />
    </>
  );
}

function NameForm({ account }: { account: Account }) {
  const words = useWords();
  const [name, setName] = useState<string>(account.name);
  const [tried, setTried] = useState(false);
  const task = useTask();
  const trimmed = name.trim();
  const complaint = complainOfName(name, words);
  const submit = () => {
    setTried(true);
    if (complaint !== undefined) return;
    task.run(async () => {
      const change: ChangeAccount = { name: trimmed };
      signedIn(await patch<Session>("/account", change));
      toast(words.settings.profile.nameSaved);
    });
  };
  return (
    <Form className="gap-3" onSubmit={submit}>
      <Field
        label={words.account.name}
        hint={words.account.nameHint}
        autoComplete="username"
        dir="auto"
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={tried ? complaint : undefined}
      />
      <FormError>{task.error}</FormError>
      <Button
        type="submit"
        className="self-start"
        aria-disabled={task.busy || trimmed === account.name}
      >
        {words.common.save}
      </Button>
    </Form>
  );
}
