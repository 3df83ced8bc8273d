import { type ChangeEvent, useRef, useState } from "react";

import { PersonAvatar } from "@/components/person-avatar";
import { Button } from "@/components/ui/button";
import { del, put } from "@/lib/api";
import { errorText } from "@/lib/error-text";
import { useWords } from "@/lib/i18n";
import { signedIn } from "@/lib/signed-in";
import { toast } from "@/lib/toasts";
import type { Account, Session } from "@/protocol/wire";

import { CropPicture } from "./crop-picture";
import { openPicture, PICTURE_BYTES } from "./picture-file";

/** The picture of the own account: choose, place, save, remove. */
export function Picture({ account }: { account: Account }) {
  const words = useWords();
  const { profile } = words.settings;
  const file = useRef<HTMLInputElement>(null);
  const [opened, setOpened] = useState<ImageBitmap>();

  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const [chosen] = event.target.files ?? [];
    event.target.value = "";
    if (!chosen) return;
    if (chosen.size > PICTURE_BYTES) {
      toast(profile.tooLarge(PICTURE_BYTES / 1_000_000), { tone: "error" });
      return;
    }
    openPicture(chosen)
      .then(setOpened)
      .catch(() => toast(profile.notPicture, { tone: "error" }));
  };

  const change = (request: Promise<Session>, done: string) =>
    request
      .then((session) => {
        signedIn(session);
        toast(done);
      })
      .catch((error: unknown) => toast(errorText(error, words), { tone: "error" }));

  return (
    <div className="flex items-center gap-5">
      <PersonAvatar account={account} size="xl" />
      <div className="flex flex-wrap gap-2">
        <Button variant="secondary" onClick={() => file.current?.click()}>
          {account.avatar === null ? profile.choose : profile.change}
        </Button>
        {account.avatar !== null && (
          <Button
            variant="quiet"
            onClick={() => void change(del<Session>("/account/avatar"), profile.removed)}
          >
            {profile.remove}
          </Button>
        )}
        <input
          ref={file}
          type="file"
          accept="image/*"
          hidden
          aria-label={profile.choose}
          onChange={choose}
        />
      </div>
      {opened && (
        <CropPicture
          picture={opened}
          onClose={() => setOpened(undefined)}
          onUse={(cropped) => {
            setOpened(undefined);
            void change(put<Session>("/account/avatar", cropped), profile.saved);
          }}
        />
      )}
    </div>
  );
}
