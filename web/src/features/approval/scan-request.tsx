import { useCallback, useRef, useState } from "react";

import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent } from "@/components/ui/dialog";
import { useWords } from "@/lib/i18n";
import { useCodeScan } from "@/lib/use-code-scan";
import { useSecurityWords } from "@/lib/words/security";

/** The camera on a new device's code. */
export function ScanRequest({
  take,
  onClose,
}: {
  /** Whether a code that was read leads on; then this is shown no more. */
  take(text: string): Promise<boolean>;
  onClose(): void;
}) {
  const { common } = useWords();
  const { scan } = useSecurityWords().approval;
  const video = useRef<HTMLVideoElement>(null);
  const [wrong, setWrong] = useState(false);
  const taking = useRef(false);
  const found = useCallback(
    (text: string) => {
      if (taking.current) return;
      taking.current = true;
      take(text)
        .then((right) => right || setWrong(true))
        .catch(() => setWrong(true))
        .finally(() => {
          taking.current = false;
        });
    },
    [take],
  );
  const state = useCodeScan(video, found, !wrong);
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={scan.title} description={scan.text}>
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
