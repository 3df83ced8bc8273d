import { type KeyboardEvent, type PointerEvent, useEffect, useId, useRef, useState } from "react";

import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent } from "@/components/ui/dialog";
import { Label } from "@/components/ui/label";
import { useWords } from "@/lib/i18n";
import { toast } from "@/lib/toasts";

import { clampCrop, type Crop, drawCrop, encodeCrop } from "./picture-file";

/** Lets a person choose which square of a picture is shown. */
export function CropPicture({
  picture,
  onClose,
  onUse,
}: {
  picture: ImageBitmap;
  onClose(): void;
  onUse(cropped: Blob): void;
}) {
  const words = useWords();
  const { profile } = words.settings;
  const zoom = useId();
  const smallest = Math.min(picture.width, picture.height);
  const [crop, setCrop] = useState<Crop>({
    x: picture.width / 2,
    y: picture.height / 2,
    side: smallest,
  });
  const change = (next: Crop) => setCrop(clampCrop(next, picture.width, picture.height));

  const use = () =>
    void encodeCrop(picture, crop).then((blob) => {
      if (blob) onUse(blob);
      else toast(profile.notPicture, { tone: "error" });
    });

  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={profile.crop} description={profile.cropText}>
        <Preview picture={picture} crop={crop} onChange={change} />
        <div className="mx-auto mt-5 flex max-w-72 items-center gap-3">
          <Label htmlFor={zoom}>{profile.zoom}</Label>
          <input
            id={zoom}
            type="range"
            min={1}
            max={4}
            step={0.01}
            value={smallest / crop.side}
            onChange={(event) => change({ ...crop, side: smallest / Number(event.target.value) })}
            className="h-6 flex-1 accent-primary"
          />
        </div>
        <DialogActions>
          <Button onClick={use}>{profile.use}</Button>
          <Button variant="secondary" onClick={onClose}>
            {words.common.cancel}
          </Button>
        </DialogActions>
      </DialogContent>
    </Dialog>
  );
}

function Preview({
  picture,
  crop,
  onChange,
}: {
  picture: ImageBitmap;
  crop: Crop;
  onChange(crop: Crop): void;
}) {
  const { profile } = useWords().settings;
  const canvas = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    if (canvas.current) drawCrop(canvas.current, picture, crop);
  }, [picture, crop]);

  const move = (x: number, y: number) => onChange({ ...crop, x: crop.x + x, y: crop.y + y });

  const drag = (event: PointerEvent<HTMLCanvasElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const scale = crop.side / event.currentTarget.clientWidth;
    move(-event.movementX * scale, -event.movementY * scale);
  };

  const press = (event: KeyboardEvent) => {
    const step = crop.side / 20;
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    };
    const by = moves[event.key];
    if (!by) return;
    event.preventDefault();
    move(...by);
  };

  return (
    <canvas
      ref={canvas}
      width={576}
      height={576}
      tabIndex={0}
      role="img"
      aria-label={profile.cropText}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={press}
      className="mx-auto size-72 cursor-grab touch-none rounded-full bg-muted active:cursor-grabbing"
    />
  );
}
