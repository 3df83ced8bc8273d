import { Monitor, Moon, Sun } from "lucide-react";
import { useId } from "react";

import { Section } from "@/components/page";
import { Label } from "@/components/ui/label";
import { Select } from "@/components/ui/select";
import { cn } from "@/lib/cn";
import { languageNames, languageSetting, languages, useWords } from "@/lib/i18n";
import { type Theme, theme, themes } from "@/lib/theme";
import { useReadable } from "@/lib/use-readable";

/** Colours and language of this browser. */
export function AppearancePage() {
  const { appearance: text } = useWords().settings;
  const language = useReadable(languageSetting);
  const select = useId();
  return (
    <>
      <Section title={text.theme}>
        <Themes label={text.theme} />
      </Section>
      <Section
        title={
          <Label htmlFor={select} className="text-base font-semibold">
            {text.language}
          </Label>
        }
      >
        <Select
          id={select}
          className="max-w-72"
          value={language}
          onChange={(event) => {
            const chosen = event.target.value;
            languageSetting.set(languages.find((one) => one === chosen) ?? "system");
          }}
        >
          <option value="system">{text.systemLanguage}</option>
          {languages.map((one) => (
            <option key={one} value={one} lang={one}>
              {languageNames[one]}
            </option>
          ))}
        </Select>
      </Section>
    </>
  );
}

const icons = { system: Monitor, light: Sun, dark: Moon } as const;

function Themes({ label }: { label: string }) {
  const { appearance: text } = useWords().settings;
  const chosen = useReadable(theme);
  const name = useId();
  return (
    <fieldset className="grid max-w-md grid-cols-3 gap-3">
      <legend className="sr-only">{label}</legend>
      {themes.map((one: Theme) => {
        const Icon = icons[one];
        return (
          <label
            key={one}
            className={cn(
              "flex cursor-pointer flex-col items-center gap-2 rounded-lg border bg-card px-2 py-4 text-center text-sm transition-colors hover:border-input has-checked:border-primary has-checked:bg-accent has-checked:text-accent-foreground has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-ring",
            )}
          >
            <input
              type="radio"
              name={name}
              value={one}
              checked={one === chosen}
              onChange={() => theme.set(one)}
              className="sr-only"
            />
            <Icon aria-hidden strokeWidth={1.6} className="size-6" />
            {text.themes[one]}
          </label>
        );
      })}
    </fieldset>
  );
}
