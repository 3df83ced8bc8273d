import { Link2 } from "lucide-react";
import { useCallback, useEffect, useState } from "react";

import { Confirm } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { useNow } from "@/lib/clock";
import { errorText } from "@/lib/error-text";
import { relativeTime } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import { toast } from "@/lib/toasts";
import { useReadable } from "@/lib/use-readable";
import { useGuestWords } from "@/lib/words/guests";
import type { Link } from "@/protocol/wire";
import { type ConversationView, useSession } from "@/session";

import { MakeLink } from "./make-link";

/** In the panel of a room: the links by which guests come. */
export function RoomLinks({ room }: { room: ConversationView }) {
  const { links: words } = useGuestWords();
  const session = useSession();
  const now = useNow();
  const [making, setMaking] = useState(false);
  const [links, setLinks] = useState<readonly Link[] | "failed">();
  const { id, head } = room;
  const load = useCallback(() => {
    session.keys.links.of(id).then(setLinks, () => setLinks((before) => (Array.isArray(before) ? before : "failed")));
  }, [session, id]);
  // Who comes by a link, and who makes or ends one, leaves an entry.
  useEffect(load, [load, head]);
  const shown = Array.isArray(links) ? (links as Link[]).filter(({ revoked, expires }) => !revoked && expires > now) : [];
  return (
    <section aria-label={words.title} className="flex flex-col gap-2 border-y py-4">
      <div className="flex items-center justify-between gap-2">
        <h3 className="text-sm font-medium text-muted-foreground">{words.title}</h3>
        <Button variant="secondary" size="sm" onClick={() => setMaking(true)}>
          <Link2 aria-hidden className="size-4" />
          {words.make}
        </Button>
      </div>
      {links === undefined && <Skeleton className="h-10" />}
      {links === "failed" && <p className="text-sm text-destructive">{words.failed}</p>}
      {Array.isArray(links) && shown.length === 0 && <p className="text-sm text-muted-foreground">{words.text}</p>}
      {shown.length > 0 && (
        <ul>
          {shown.map((link) => (
            <Row key={link.id} room={room} link={link} onRevoked={load} />
          ))}
        </ul>
      )}
      <MakeLink room={room} open={making} onOpenChange={setMaking} onMade={load} />
    </section>
  );
}

function Row({ room, link, onRevoked }: { room: ConversationView; link: Link; onRevoked(): void }) {
  const words = useWords();
  const { links: text } = useGuestWords();
  const locale = useLocale();
  const now = useNow();
  const session = useSession();
  const accounts = useReadable(session.accounts);
  const [asking, setAsking] = useState(false);
  const by = accounts.get(link.by);
  const used = link.uses >= link.max_uses;
  const first = `${text.used(link.uses, link.max_uses)} · ${link.lobby ? text.withLobby : text.withoutLobby}`;
  const second = [
    used ? text.full : text.ends(relativeTime(link.expires, now, locale)),
    ...(by && by.id !== session.account ? [text.by(by.name)] : []),
  ].join(" · ");
  const revocable = link.by === session.account || room.role === "manager";
  const revoke = () =>
    session.changes
      .revokeLink(room.id, link.id)
      .then(() => {
        toast(text.revoked);
        onRevoked();
      })
      .catch((error: unknown) => toast(errorText(error, words), { tone: "error" }));
  return (
    <li className="flex items-center gap-3 py-1.5 text-sm">
      <p className="min-w-0 flex-1">
        <span className="block">{first}</span>
        <bdi className="block truncate text-muted-foreground">{second}</bdi>
      </p>
      {revocable && (
        <Button
          variant="quiet"
          size="sm"
          aria-label={text.revokeNamed(`${first}, ${second}`)}
          onClick={() => setAsking(true)}
        >
          {text.revoke}
        </Button>
      )}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={text.revokeAsk}
        text={text.revokeText}
        action={text.revoke}
        destructive
        onConfirm={() => void revoke()}
      />
    </li>
  );
}
