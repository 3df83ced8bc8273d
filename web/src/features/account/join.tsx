import { useCallback, useState } from "react";
import { Link } from "wouter";

import { Door } from "@/components/door";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { useWords } from "@/lib/i18n";
import { useGuestWords } from "@/lib/words/guests";
import type { Session } from "@/protocol/wire";
import { openLink } from "@/session/account";

import { GuestForm } from "./guest-form";
import { useLinkCheck } from "@/lib/link-check";
import { RegisterForm } from "./register-form";
import { takeSecret } from "@/lib/secret";
import { WithNewCode } from "./welcome-code";

/**
 * Somebody was sent a link: by an invite they make an account, by the link of a
 * room they come as a guest. The id is in the path, the secret in the fragment.
 */
export function Join({ link, onDone }: { link: string; onDone(session: Session): void }) {
  const words = useWords();
  const { door } = useGuestWords();
  const { join } = words.account;
  const [secret] = useState(takeSecret);
  const open = useCallback(() => (secret ? openLink(link, secret) : null), [link, secret]);
  const check = useLinkCheck(open);

  if (check.state === "bad") {
    const { title, text } = secret ? door.bad : door.incomplete;
    return (
      <Door title={title} text={text}>
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
  const { answer } = check;
  if (answer.type === "room") {
    return (
      <GuestForm held={answer} onDone={onDone}>
        <SignInLink />
      </GuestForm>
    );
  }
  return (
    <WithNewCode onDone={onDone}>
      {(done) => (
        <Door title={<bdi>{join.title(answer.opened.by)}</bdi>} text={join.text}>
          <RegisterForm
            entrance={answer}
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
