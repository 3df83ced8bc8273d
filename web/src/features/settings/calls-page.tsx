import { type ReactNode, useId } from "react";
import { Link } from "wouter";

import { FormError } from "@/components/field";
import { Section } from "@/components/page";
import { Button } from "@/components/ui/button";
import { Label } from "@/components/ui/label";
import { Switch } from "@/components/ui/switch";
import { patch } from "@/lib/api";
import { useWords } from "@/lib/i18n";
import { checkPath } from "@/lib/paths";
import { signedIn } from "@/lib/signed-in";
import { useReadable } from "@/lib/use-readable";
import { useTask } from "@/lib/use-task";
import type { ChangeAccount, Session } from "@/protocol/wire";
import { useSession } from "@/session";

/** How calls of this account are made. */
export function CallsPage({ callSettings }: { callSettings: ReactNode }) {
  const { calls: text } = useWords().settings;
  return (
    <>
      <RelayCalls />
      <Section title={text.connection} text={text.connectionText} className="mt-10">
        <Button asChild variant="secondary">
          <Link href={checkPath}>{text.connectionCheck}</Link>
        </Button>
      </Section>
      <Section title={text.check} className="mt-10">
        {callSettings}
      </Section>
    </>
  );
}

/** Shows what the server holds, so it changes only when the server has agreed. */
function RelayCalls() {
  const { calls: text } = useWords().settings;
  const session = useSession();
  const settings = useReadable(session.settings);
  const id = useId();
  const task = useTask();
  const choose = (relay: boolean) =>
    task.run(async () => {
      const change: ChangeAccount = { settings: { ...settings, relay_calls: relay } };
      signedIn(await patch<Session>("/account", change));
    });
  return (
    <>
      <div className="flex items-start gap-4">
        <div className="min-w-0 flex-1">
          <Label htmlFor={id} className="text-base">
            {text.relay}
          </Label>
          <p id={`${id}-text`} className="mt-0.5 text-muted-foreground">
            {text.relayText}
          </p>
        </div>
        <Switch
          id={id}
          checked={settings.relay_calls}
          onCheckedChange={choose}
          aria-busy={task.busy}
          aria-describedby={`${id}-text`}
        />
      </div>
      <FormError>{task.error}</FormError>
    </>
  );
}
