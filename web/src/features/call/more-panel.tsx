import { BadgeCheck, Info, Maximize, Minimize, SwitchCamera } from "lucide-react";
import type { ReactNode } from "react";

import { Button } from "@/components/ui/button";
import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import { useSecurityWords } from "@/lib/words/security";
import type { CurrentCall } from "@/media";

import { devices } from "./center";
import { DeviceFields } from "./device-fields";
import { Panel } from "./panel";

/** Devices, full screen, details and keys. */
export function MorePanel({
  call,
  fullScreen,
  onFullScreen,
  onDetails,
  onVerify,
  onClose,
}: {
  call: CurrentCall;
  /** Null where the browser has none. */
  fullScreen: boolean | null;
  onFullScreen: () => void;
  onDetails: (() => void) | null;
  onVerify: (() => void) | null;
  onClose: () => void;
}) {
  const words = useWords();
  const security = useSecurityWords();
  const { cameras } = useReadable(devices.list);
  const touch = matchMedia("(pointer: coarse)").matches;
  const change = (kind: "microphone" | "camera" | "speaker") => {
    if (kind !== "speaker") void call.local[kind].change();
  };
  return (
    <Panel title={words.call.more} onClose={onClose}>
      <DeviceFields onChange={change} />
      <div className="mt-4 flex flex-col gap-1 border-t pt-3">
        {touch && cameras.length > 1 && (
          <Row onClick={() => void call.local.camera.flip()}>
            <SwitchCamera aria-hidden />
            {words.call.flip}
          </Row>
        )}
        {fullScreen !== null && (
          <Row onClick={onFullScreen}>
            {fullScreen ? <Minimize aria-hidden /> : <Maximize aria-hidden />}
            {fullScreen ? words.call.leaveFullScreen : words.call.fullScreen}
          </Row>
        )}
        {onVerify && (
          <Row onClick={onVerify}>
            <BadgeCheck aria-hidden />
            {security.call.verify}
          </Row>
        )}
        {onDetails && (
          <Row onClick={onDetails}>
            <Info aria-hidden />
            {words.call.details}
          </Row>
        )}
      </div>
      {!touch && <Keys />}
    </Panel>
  );
}

function Row(props: { onClick: () => void; children: ReactNode }) {
  return <Button variant="ghost" className="justify-start px-2 text-foreground" {...props} />;
}

function Keys() {
  const words = useWords();
  const { shortcuts } = words.call;
  const keys = [
    [shortcuts.mute, shortcuts.or("M", "Ctrl+D")],
    [shortcuts.camera, shortcuts.or("V", "Ctrl+E")],
    [shortcuts.share, "S"],
  ] as const;
  return (
    <div className="mt-3 border-t pt-3">
      <h3 className="text-xs font-medium text-muted-foreground">{shortcuts.title}</h3>
      <dl className="mt-1.5 grid grid-cols-[1fr_auto] gap-y-1 text-sm">
        {keys.map(([what, key]) => (
          <div key={what} className="contents">
            <dt>{what}</dt>
            <dd className="text-muted-foreground">{key}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
