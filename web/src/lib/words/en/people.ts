import { plurals } from "../catalogue";

const plural = plurals("en");

export const people = {
  title: "People",
  summary: (count: number, here: number) =>
    `${plural(count, { one: "# person", other: "# people" })}, ${plural(here, { other: "# here now" })}`,
  search: "Search people",
  noMatch: (text: string) => `Nobody is called “${text}”.`,
  alone: {
    title: "Only you so far",
    text: "Send somebody an invite, and they appear here.",
  },
  message: (name: string) => `Message ${name}`,
  messageShort: "Message",
  roles: { owner: "Owner", admin: "Admin", member: "Member", guest: "Guest" },
  disabled: "Disabled",
  you: "You",

  invite: {
    title: "Invite people",
    text: "Whoever has the link can make an account here.",
    expires: "Good for",
    hours: (count: number) => plural(count, { one: "# hour", other: "# hours" }),
    days: (count: number) => plural(count, { one: "# day", other: "# days" }),
    uses: "For",
    usesOf: (count: number) => plural(count, { one: "# person", other: "# people" }),
    create: "Create link",
    another: "Create another link",
    link: "Invite link",
    qr: "Invite link as a QR code",
    shownOnce: "Copy it now: the link is shown only once.",
    scan: "Or scan it with a phone.",
    open: "Open invites",
    used: (used: number, max: number) =>
      max === 1 ? (used === 0 ? "Not used yet" : "Used") : `${used} of ${max} used`,
    ends: (when: string) => `ends ${when}`,
    by: (name: string) => `by ${name}`,
    revoke: "Revoke",
    revokeNamed: (detail: string) => `Revoke invite: ${detail}`,
    revoked: "The invite was revoked.",
  },
};
