/**
 * What a catalogue of words is made of: texts, functions from values to texts,
 * and groups of both. English gives the shape; every other language must fill it.
 */
export type Catalogue<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...values: infer V) => string
      ? (...values: V) => string
      : Catalogue<T[K]>;
};

type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** Chooses among plural forms; `#` in the form becomes the number as the language writes it. */
export function plurals(language: string): (count: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(language);
  return (count, forms) =>
    (forms[rules.select(count)] ?? forms.other).replace("#", number.format(count));
}
