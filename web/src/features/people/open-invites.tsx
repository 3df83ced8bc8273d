import { Button } from "@/components/ui/button";
import { del } from "@/lib/api";
import { useNow } from "@/lib/clock";
import { errorText } from "@/lib/error-text";
import { relativeTime } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import { toast } from "@/lib/toasts";
import { useLoaded } from "@/lib/use-loaded";
import { useReadable } from "@/lib/use-readable";
import type { InviteId, Invites } from "@/protocol/wire";
import { useSession } from "@/session";

/** The invites that can still be used: one's own, and all for admins. */
export function OpenInvites({ title }: { title: string }) {
  const words = useWords();
  const locale = useLocale();
  const now = useNow();
  const session = useSession();
  const accounts = useReadable(session.accounts);
  const { value, change } = useLoaded<Invites>("/invites");
  const invites = value?.invites ?? [];

  const open = invites.filter(
    (invite) => !invite.revoked && invite.uses < invite.max_uses && invite.expires > now,
  );
  if (open.length === 0) return null;

  const revoke = (id: InviteId) => {
    del(`/invites/${id}`)
      .then(() => {
        change({ invites: invites.filter((invite) => invite.id !== id) });
        toast(words.people.invite.revoked);
      })
      .catch((error: unknown) => toast(errorText(error, words), { tone: "error" }));
  };

  return (
    <section className="mt-6 border-t pt-5">
      <h3 className="text-sm font-medium">{title}</h3>
      <ul className="mt-2">
        {open.map((invite) => {
          const by = accounts.get(invite.by);
          const parts = [
            words.people.invite.used(invite.uses, invite.max_uses),
            words.people.invite.ends(relativeTime(invite.expires, now, locale)),
            ...(by && by.id !== session.account ? [words.people.invite.by(by.name)] : []),
          ];
          const detail = parts.join(" · ");
          return (
            <li key={invite.id} className="flex items-center gap-3 py-1">
              <bdi className="min-w-0 flex-1 truncate text-sm text-muted-foreground">{detail}</bdi>
              <Button
                variant="quiet"
                size="sm"
                aria-label={words.people.invite.revokeNamed(detail)}
                onClick={() => revoke(invite.id)}
              >
                {words.people.invite.revoke}
              </Button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
