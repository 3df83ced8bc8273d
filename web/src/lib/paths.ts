import type { AccountId, Blob, ConversationId, LinkId, Seq } from "@/protocol/wire";

/** Where a conversation is shown; also the pattern of that route. */
export const conversationRoute = "/c/:conversation";

/** The page of a conversation. */
export function conversationPath(id: ConversationId): string {
  return `/c/${id}`;
}

/** The whole address of a link; the secret is in the fragment, which browsers do not send. */
export function linkAddress(id: LinkId, secret: Blob): string {
  return `${location.origin}/j/${id}#${secret}`;
}

/** A message in its conversation. */
export function messagePath(id: ConversationId, seq: Seq): string {
  return `${conversationPath(id)}?at=${seq}`;
}

/** What is protected and what is not, for who is in. */
export const privacyPath = "/settings/privacy";

/** The same, before there is an account. */
export const privacyDoorPath = "/privacy";

/** Where a signed-in device lets a new one in; the new one's QR code leads there. */
export const approvePath = "/approve";

/** Where a new device asks one that is signed in. */
export const otherDevicePath = "/other-device";

/** What the owner sees of the server. */
export const ownerPath = "/owner";

/** Where a person is shown; also the pattern of that route. */
export const personRoute = "/people/:account";

/** The page of a person. */
export function personPath(id: AccountId): string {
  return `/people/${id}`;
}

/** Where somebody finds out whether calls work from here; with an account and without. */
export const checkPath = "/check";

/** The same, begun at once: who comes from a call that failed has asked for it. */
export const checkNowPath = "/check?run";
