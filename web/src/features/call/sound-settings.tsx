import { Volume2 } from "lucide-react";
import { useId } from "react";

import { Button } from "@/components/ui/button";
import { Label } from "@/components/ui/label";
import { Switch } from "@/components/ui/switch";
import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import type { SoundKind } from "@/media";

import { sounds } from "./center";

/** Which sounds are to be heard, each by itself. */
export function SoundSettings() {
  const words = useWords();
  return (
    <div role="group" aria-label={words.call.sounds.title} className="flex flex-col gap-2">
      {KINDS.map((kind) => (
        <Row key={kind} kind={kind} />
      ))}
    </div>
  );
}

function Row({ kind }: { kind: SoundKind }) {
  const words = useWords();
  const id = useId();
  const settings = useReadable(sounds.settings);
  const name = words.call.sounds[kind];
  return (
    <div className="flex min-h-10 items-center gap-2">
      <Label htmlFor={id} className="flex-1">
        {name}
      </Label>
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label={words.call.sounds.listen(name)}
        onClick={() => sounds.play(kind, { always: true })}
      >
        <Volume2 aria-hidden />
      </Button>
      <Switch id={id} checked={settings[kind]} onCheckedChange={(on) => sounds.set(kind, on)} />
    </div>
  );
}

const KINDS: readonly SoundKind[] = ["ring", "ringBack", "joined", "left", "message"];
