import { Share2 } from "lucide-react";

import { CopyField } from "@/components/copy-field";
import { QrCode } from "@/components/qr-code";
import { Button } from "@/components/ui/button";
import { useGuestWords } from "@/lib/words/guests";

/** A new link to pass on: copied, shared, or scanned from the screen. It is shown this once. */
export function ShareLink({ link, title }: { link: string; title: string }) {
  const { links } = useGuestWords();
  const share = () => {
    // Refused or broken off: the link is still there to copy.
    navigator.share({ title, url: link }).catch(() => undefined);
  };
  return (
    <div className="flex flex-col gap-4">
      <div>
        <CopyField value={link} label={links.link} />
        <p className="mt-1.5 text-sm text-muted-foreground">{links.shownOnce}</p>
      </div>
      <div className="flex items-center gap-5">
        <QrCode text={link} label={links.qr} className="size-36 shrink-0 border p-1" />
        <div className="flex flex-col items-start gap-3">
          <p className="text-muted-foreground">{links.scan}</p>
          {"share" in navigator && (
            <Button variant="secondary" size="sm" onClick={share}>
              <Share2 aria-hidden />
              {links.share}
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}
