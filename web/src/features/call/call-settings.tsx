import { Section } from "@/components/page";
import { useWords } from "@/lib/i18n";

import { DeviceCheck } from "./device-check";
import { SoundSettings } from "./sound-settings";

/** What can be tried and set for calls on this computer. */
export function CallSettings() {
  const words = useWords();
  return (
    <>
      <DeviceCheck />
      <Section title={words.call.sounds.title} className="mt-10">
        <SoundSettings />
      </Section>
    </>
  );
}
