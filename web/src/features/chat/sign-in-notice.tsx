import { ShieldAlert, X } from "lucide-react";
import { useLocation } from "wouter";

import { Isolate } from "@/components/isolate";
import { Button } from "@/components/ui/button";
import { timeOfDay } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import { useSession } from "@/session";

/** Tells of a new sign-in to this account, and what to do when it was somebody else's. */
export function SignInNotice() {
  const words = useWords();
  const { devices: text } = words.settings;
  const locale = useLocale();
  const { signIns } = useSession();
  const [, navigate] = useLocation();
  const device = useReadable(signIns.fresh)[0];
  if (!device) return null;
  return (
    <div role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b bg-accent px-4 py-2 text-sm text-accent-foreground">
      <ShieldAlert aria-hidden className="size-4.5 shrink-0" />
      <p className="min-w-0 flex-1">
        <Isolate say={text.newSignIn} names={[device.name, timeOfDay(device.created, locale)]} />
      </p>
      <Button variant="outline" size="sm" onClick={() => navigate(`/settings/devices?lost=${device.id}`)}>
        {text.notMe}
      </Button>
      <Button variant="ghost" size="icon-sm" aria-label={words.common.close} onClick={() => void signIns.dismiss(device.id)}>
        <X aria-hidden />
      </Button>
    </div>
  );
}
