import { useCallback, useRef, useState } from "react";

import { Isolate } from "@/components/isolate";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent } from "@/components/ui/dialog";
import { useWords } from "@/lib/i18n";
import { useCodeScan } from "@/lib/use-code-scan";
import { useSecurityWords } from "@/lib/words/security";
import type { Blob } from "@/protocol/wire";

/** The camera on the other one's code. */
export function ScanCode({
  name,
  check,
  onDone,
  onClose,
}: {
  name: string;
  /** Whether a code that was read is the right one. */
  check(code: Blob): Promise<boolean>;
  onDone(): void;
  onClose(): void;
}) {
  const { common } = useWords();
  const { scan } = useSecurityWords().person;
  const video = useRef<HTMLVideoElement>(null);
  const [wrong, setWrong] = useState(false);
  const checking = useRef(false);
  const found = useCallback(
    (text: string) => {
      if (checking.current) return;
      checking.current = true;
      check(text as Blob)
        .then((match) => (match ? onDone() : setWrong(true)))
        .catch(() => setWrong(true))
        .finally(() => {
          checking.current = false;
        });
    },
    [check, onDone],
  );
  const state = useCodeScan(video, found, !wrong);
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={scan.title} description={<Isolate say={scan.text} names={[name]} />}>
        <video
          ref={video}
          muted
          playsInline
          aria-label={scan.camera}
          className="aspect-square w-full rounded-xl bg-muted object-cover"
        />
        <p role="status" className="min-h-6 text-sm text-muted-foreground">
          {wrong ? scan.wrong : state === "failed" ? scan.noCamera : state === "starting" ? scan.starting : null}
        </p>
        <DialogActions>
          {wrong && <Button onClick={() => setWrong(false)}>{scan.again}</Button>}
          <Button variant="secondary" onClick={onClose}>
            {common.close}
          </Button>
        </DialogActions>
      </DialogContent>
    </Dialog>
  );
}
