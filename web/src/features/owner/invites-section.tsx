import { Ticket } from "lucide-react";
import { useState } from "react";

import { EmptyState } from "@/components/empty-state";
import { LongList } from "@/components/long-list";
import { Confirm } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { del } from "@/lib/api";
import { useNow } from "@/lib/clock";
import { relativeTime } from "@/lib/format";
import { useLocale } from "@/lib/i18n";
import { useOwnerWords } from "@/lib/words/owner";
import type { AllInvites, SomeInvite } from "@/protocol/wire";

import { useAct } from "./acts";
import { PagedList } from "./parts";
import { byPlace, usePages } from "./use-pages";

/** The links that still let somebody in, whoever made them. */
export function InvitesSection() {
  const { invites: words } = useOwnerWords();
  const locale = useLocale();
  const now = useNow();
  const act = useAct();
  const [revoking, setRevoking] = useState<SomeInvite>();
  const paged = usePages<AllInvites, SomeInvite>("/owner/invites?open=true", pages);
  return (
    <>
      <p className="text-muted-foreground">{words.text}</p>
      <PagedList paged={paged} empty={<EmptyState icon={Ticket} title={words.none} text={words.noneText} />}>
        {(invites) => (
          <LongList items={invites} keyOf={({ invite }) => invite.id} className="mt-4">
            {(one) => (
              <div className="flex items-center gap-3 border-b py-3">
                <div className="min-w-0 flex-1">
                  <bdi className="block truncate font-medium">{one.by.name}</bdi>
                  <p className="text-sm text-muted-foreground">
                    {words.used(one.invite.uses, one.invite.max_uses)} ·{" "}
                    {words.ends(relativeTime(one.invite.expires, now, locale))}
                  </p>
                </div>
                <Button
                  variant="quiet"
                  size="sm"
                  aria-label={words.revokeNamed(one.by.name)}
                  onClick={() => setRevoking(one)}
                >
                  {words.revoke}
                </Button>
              </div>
            )}
          </LongList>
        )}
      </PagedList>
      <Confirm
        open={revoking !== undefined}
        onOpenChange={() => setRevoking(undefined)}
        title={<bdi>{words.revokeAsk(revoking?.by.name ?? "")}</bdi>}
        text={words.revokeText}
        action={words.revoke}
        destructive
        onConfirm={() => {
          if (!revoking) return;
          act({ send: () => del(`/invites/${revoking.invite.id}`), done: words.revoked, after: paged.reload });
        }}
      />
    </>
  );
}

const pages = byPlace<AllInvites, SomeInvite>(({ invites }) => invites);
