import { useCallback, useState } from "react";
import { Link } from "wouter";

import { Door } from "@/components/door";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { useWords } from "@/lib/i18n";
import type { InviteId, Session } from "@/protocol/wire";
import { openInvite } from "@/session/account";

import { useLinkCheck } from "./link-check";
import { RegisterForm } from "./register-form";
import { takeSecret } from "./secret";
import { WithNewCode } from "./welcome-code";

/** A new account by invite: the id is in the path, the secret in the fragment. */
export function Join({ invite, onDone }: { invite: string; onDone(session: Session): void }) {
  const words = useWords();
  const { join } = words.account;
  const [secret] = useState(() => takeSecret());
  const open = useCallback(() => (secret ? openInvite(invite as InviteId, secret) : null), [invite, secret]);
  const check = useLinkCheck(open);

  if (check.state === "bad") {
    return (
      <Door title={join.bad.title} text={join.bad.text}>
        <SignInLink />
      </Door>
    );
  }
  if (check.state === "failed") {
    return (
      <Door title={words.common.unreachable.title} text={check.text}>
        <Button onClick={check.retry}>{words.common.retry}</Button>
      </Door>
    );
  }
  if (check.state === "checking") {
    return (
      <Door title={<Skeleton className="h-7 w-56" />} text={join.checking}>
        <Skeleton className="h-40" />
      </Door>
    );
  }
  return (
    <WithNewCode onDone={onDone}>
      {(done) => (
        <Door title={<bdi>{join.title(check.answer.opened.by)}</bdi>} text={join.text}>
          <RegisterForm
            entrance={{ type: "invite", ...check.answer }}
            action={join.action}
            badTicket={`${join.bad.title}. ${join.bad.text}`}
            onDone={done}
          />
          <SignInLink />
        </Door>
      )}
    </WithNewCode>
  );
}

/** An invite opened by somebody who is in already. */
export function AlreadyIn({ name }: { name: string }) {
  const { signedIn } = useWords().account.join;
  return (
    <Door title={<bdi>{signedIn.title(name)}</bdi>} text={signedIn.text}>
      <Button asChild size="lg">
        <Link href="/">{signedIn.action}</Link>
      </Button>
    </Door>
  );
}

function SignInLink() {
  const { account } = useWords();
  return (
    <p className="mt-6 text-muted-foreground">
      {account.join.haveAccount}{" "}
      <Button asChild variant="link">
        <Link href="/sign-in">{account.signIn.action}</Link>
      </Button>
    </p>
  );
}
