import { type ComponentProps, useId } from "react";

import { Label } from "@/components/ui/label";
import { Select } from "@/components/ui/select";
import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import type { DeviceKind, MediaDevice } from "@/media";

import { devices } from "./center";

/** The choice of microphone, camera and speaker. */
export function DeviceFields({ onChange }: { onChange: (kind: DeviceKind) => void }) {
  const words = useWords();
  const { microphones, cameras, speakers, chosen, speakerChoice } = useReadable(devices.list);
  const choose = (kind: DeviceKind) => (id: string | null) => {
    devices.choose(kind, id);
    onChange(kind);
  };
  return (
    <div className="flex flex-col gap-3.5">
      <Field
        name={words.call.devices.microphone}
        devices={microphones}
        value={chosen.microphone}
        onChoose={choose("microphone")}
      />
      <Field name={words.call.devices.camera} devices={cameras} value={chosen.camera} onChoose={choose("camera")} />
      {speakerChoice ? (
        <Field name={words.call.devices.speaker} devices={speakers} value={chosen.speaker} onChoose={choose("speaker")} />
      ) : (
        <p className="text-sm text-muted-foreground">{words.call.devices.systemSpeaker}</p>
      )}
    </div>
  );
}

function Field({
  name,
  devices,
  value,
  onChoose,
  ...props
}: {
  name: string;
  devices: readonly MediaDevice[];
  value: string | null;
  onChoose: (id: string | null) => void;
} & Omit<ComponentProps<"select">, "value" | "onChange">) {
  const words = useWords();
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <Label htmlFor={id}>{name}</Label>
      <Select id={id} value={value ?? ""} onChange={(event) => onChoose(event.target.value || null)} {...props}>
        <option value="">{words.call.devices.system}</option>
        {devices.map((device, i) => (
          <option key={device.id} value={device.id}>
            {device.label || words.call.devices.unnamed(name, i + 1)}
          </option>
        ))}
      </Select>
    </div>
  );
}
