/** The fewest characters of a password. */
export const PASSWORD_CHARS = 8;

export type Strength = "short" | "weak" | "fair" | "strong";

/**
 * A rough judgement for a hint while typing; it never refuses anything but
 * what is too short. Length counts most, as long as it is not repetition.
 */
export function passwordStrength(password: string, name = ""): Strength {
  const chars = [...password];
  if (chars.length < PASSWORD_CHARS) return "short";
  const lower = password.toLowerCase();
  const known = common.some((word) => lower.includes(word));
  const own = name.length >= 3 && lower.includes(name.trim().toLowerCase());
  // What repeats the character before, or counts on from it, adds nothing.
  const fresh = chars.filter((char, i) => {
    const step = (char.codePointAt(0) ?? 0) - (chars[i - 1]?.codePointAt(0) ?? -9);
    return Math.abs(step) > 1;
  });
  const distinct = new Set(fresh).size;
  const worth = Math.min(fresh.length, distinct * 2) - (known ? 5 : 0) - (own ? 4 : 0);
  if (worth < 8) return "weak";
  return worth < 13 ? "fair" : "strong";
}

const common = [
  "password",
  "passwort",
  "qwert",
  "letmein",
  "welcome",
  "callbox",
  "1234",
  "abcd",
  "iloveyou",
  "admin",
];
