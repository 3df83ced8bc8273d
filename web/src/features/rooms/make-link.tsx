import { useId, useState } from "react";

import { FormError } from "@/components/field";
import { Form } from "@/components/form";
import { ShareLink } from "@/components/share-link";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent } from "@/components/ui/dialog";
import { Label } from "@/components/ui/label";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { linkAddress } from "@/lib/paths";
import { useTask } from "@/lib/use-task";
import { useGuestWords } from "@/lib/words/guests";
import { type ConversationView, useSession } from "@/session";

/** Makes a link to a room, and shows it once. */
export function MakeLink({
  room,
  open,
  onOpenChange,
  onMade,
}: {
  room: ConversationView;
  open: boolean;
  onOpenChange(open: boolean): void;
  onMade(): void;
}) {
  const { links } = useGuestWords();
  const [address, setAddress] = useState<string>();
  const change = (next: boolean) => {
    onOpenChange(next);
    if (!next) setAddress(undefined);
  };
  return (
    <Dialog open={open} onOpenChange={change}>
      <DialogContent title={links.dialog} description={links.dialogText}>
        {address === undefined ? (
          <Conditions
            room={room}
            onMade={(made) => {
              setAddress(made);
              onMade();
            }}
          />
        ) : (
          <>
            <ShareLink link={address} title={room.name ?? links.link} />
            <DialogActions>
              <Button onClick={() => change(false)}>{links.done}</Button>
            </DialogActions>
          </>
        )}
      </DialogContent>
    </Dialog>
  );
}

function Conditions({ room, onMade }: { room: ConversationView; onMade(address: string): void }) {
  const { links } = useGuestWords();
  const session = useSession();
  const id = useId();
  const [days, setDays] = useState<number>(7);
  const [uses, setUses] = useState<number>(10);
  const [lobby, setLobby] = useState(true);
  const task = useTask();
  const make = () =>
    task.run(async () => {
      const { link, secret } = await session.keys.links.make(room.id, { valid_for: days * DAY, uses, lobby });
      onMade(linkAddress(link.id, secret));
    });
  return (
    <Form className="gap-4" onSubmit={make}>
      <div className="grid grid-cols-2 gap-3">
        <div className="flex flex-col gap-1.5">
          <Label htmlFor={`${id}-days`}>{links.expires}</Label>
          <Select id={`${id}-days`} value={days} onChange={(event) => setDays(Number(event.target.value))}>
            {[1, 7, 30].map((count) => (
              <option key={count} value={count}>
                {links.days(count)}
              </option>
            ))}
          </Select>
        </div>
        <div className="flex flex-col gap-1.5">
          <Label htmlFor={`${id}-uses`}>{links.uses}</Label>
          <Select id={`${id}-uses`} value={uses} onChange={(event) => setUses(Number(event.target.value))}>
            {[1, 10, 100].map((count) => (
              <option key={count} value={count}>
                {links.usesOf(count)}
              </option>
            ))}
          </Select>
        </div>
      </div>
      <div className="flex items-start gap-3">
        <Switch id={`${id}-lobby`} aria-describedby={`${id}-lobby-text`} checked={lobby} onCheckedChange={setLobby} />
        <div>
          <Label htmlFor={`${id}-lobby`}>{links.lobby}</Label>
          <p id={`${id}-lobby-text`} className="mt-0.5 text-sm text-muted-foreground">
            {lobby ? links.lobbyText : links.openText}
          </p>
        </div>
      </div>
      <FormError>{task.error}</FormError>
      <Button type="submit" size="lg" aria-disabled={task.busy}>
        {task.busy ? links.working : links.create}
      </Button>
    </Form>
  );
}

const DAY = 86_400_000;
