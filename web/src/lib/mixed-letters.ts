// Names that may imitate another: "Аnna" with a Cyrillic А looks like "Anna".

/** Scripts whose letters are drawn alike. */
const LOOKALIKES = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u, /\p{Script=Armenian}/u, /\p{Script=Cherokee}/u];

/** Whether one word of a name mixes letters of scripts that are drawn alike. */
export function mixesLetters(name: string): boolean {
  return name.split(/[^\p{L}\p{M}]+/u).some((word) => LOOKALIKES.filter((script) => script.test(word)).length > 1);
}
