/** How people are told apart on the screen: guests from others, and who has no picture by initials on a colour. */

import type { Account, AccountId, MemberRole } from "@/protocol/wire";

/** Whether somebody is a guest: everywhere, or in this conversation. */
export function isGuest(
  account: Pick<Account, "id" | "role"> | undefined,
  members: readonly { readonly account: AccountId; readonly role: MemberRole }[] = [],
): boolean {
  if (!account) return false;
  return account.role === "guest" || members.some(({ account: id, role }) => id === account.id && role === "guest");
}

import { graphemes } from "./graphemes";

/** One or two letters that stand for a name. */
export function initials(name: string): string {
  const parts = name
    .trim()
    .split(/\s+/u)
    .filter((part) => /[\p{L}\p{N}]/u.test(part));
  const first = parts[0];
  if (first === undefined) return graphemes(name.trim())[0] ?? "?";
  // Letters that join their neighbours cannot stand side by side as two initials.
  const joins = /\p{Script=Arabic}|\p{Script=Syriac}|\p{Script=Mongolian}/u.test(first);
  const last = !joins && parts.length > 1 ? parts[parts.length - 1] : undefined;
  return [first, last]
    .map((part) => (part ? initial(part) : ""))
    .join("")
    .toLocaleUpperCase();
}

/**
 * Which of the avatar colours an account has. They differ in lightness as well
 * as in hue, so that people who do not see some hues can still tell them apart.
 */
export function avatarColour(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) % avatarColours.length;
}

/** Background and letters, as class names of the style sheet. */
export const avatarColours = [
  "bg-[#7a3e2b] text-[#ffe9df]",
  "bg-[#e3b25c] text-[#3a2500]",
  "bg-[#4c5f1e] text-[#f0f6d8]",
  "bg-[#9ccfb0] text-[#0c3320]",
  "bg-[#1d6470] text-[#dff6fa]",
  "bg-[#a3c4ef] text-[#10294d]",
  "bg-[#3d4790] text-[#e8ebff]",
  "bg-[#c9b1ec] text-[#301457]",
  "bg-[#7c3266] text-[#ffe4f5]",
  "bg-[#f0b2a6] text-[#4d150c]",
  "bg-[#55504a] text-[#f4efe8]",
  "bg-[#d6cdb8] text-[#332b18]",
] as const;

function initial(part: string): string {
  return graphemes(part).find((letter) => /[\p{L}\p{N}]/u.test(letter)) ?? "";
}
