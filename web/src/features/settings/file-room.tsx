import { Section } from "@/components/page";
import { fileSize } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import { useLoaded } from "@/lib/use-loaded";
import type { FileUsage } from "@/protocol/wire";

/** How much of the room for files is used. */
export function FileRoom() {
  const { quota: words } = useWords().files;
  const locale = useLocale();
  const { value, error } = useLoaded<FileUsage>("/files");
  const text = value && words.used(fileSize(value.used, locale), fileSize(value.quota, locale));
  return (
    <Section title={words.title} text={words.text}>
      {value && (
        <>
          <meter
            aria-label={words.title}
            aria-valuetext={text}
            min={0}
            max={Math.max(1, value.quota)}
            value={value.used}
            className="block h-2 w-full"
          />
          <p className="mt-2 text-sm text-muted-foreground tabular-nums">{text}</p>
        </>
      )}
      {error !== undefined && <p className="text-sm text-destructive">{error}</p>}
    </Section>
  );
}
