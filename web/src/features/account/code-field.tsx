import { Field, type FieldProps } from "@/components/field";
import { useWords } from "@/lib/i18n";
import { looksLikeCode } from "@/lib/code-text";
import type { Words } from "@/lib/i18n";

/** Where a recovery code is typed. */
export function CodeField(props: Omit<FieldProps, "label">) {
  const { forgot } = useWords().account;
  return (
    <Field
      label={forgot.code}
      hint={forgot.codeHint}
      autoComplete="off"
      autoCapitalize="characters"
      spellCheck={false}
      dir="ltr"
      {...props}
    />
  );
}

/** What is wrong with a recovery code before anybody is asked about it. */
export function complainOfCode(code: string, words: Words): string | undefined {
  const { forgot } = words.account;
  if (code.trim() === "") return forgot.codeMissing;
  return looksLikeCode(code) ? undefined : forgot.typo;
}
