// What a conversation's control log amounts to: its members, links and the
// epoch in force. Client and server compute it alike and compare its hash.

import type { AccountId, Blob, ConversationId, ConversationKind, LinkId, MemberRole } from "@/protocol/wire";

import { bytes, concat, label, sha256, text, u16, u32, u64, utf8 } from "./bytes";
import type { History, NewLink, Newcomer } from "./control";

/** A link, and who made it (which is not part of the hash). */
export interface HeldLink extends NewLink {
  readonly by: AccountId;
}

/** Somebody who is in. */
export interface HeldMember extends Newcomer {
  readonly role: MemberRole;
  /** The link it came by, while it is a guest. */
  readonly via: LinkId | null;
}

/** The state after some control event. */
export interface ControlState {
  readonly conversation: ConversationId;
  readonly kind: ConversationKind;
  readonly history: History;
  readonly name: string | null;
  /** In order of joining. */
  readonly members: readonly HeldMember[];
  /** In order of adding; those that expired stay until they are revoked. */
  readonly links: readonly HeldLink[];
  /** The index of the last event. */
  readonly index: number;
  /** The hash of the last event's payload. */
  readonly last: Blob;
  readonly epoch: number;
  readonly commit: Blob;
}

export function memberOf(state: Pick<ControlState, "members">, account: AccountId): HeldMember | undefined {
  return state.members.find((member) => member.account === account);
}

export function linkOf(state: Pick<ControlState, "links">, id: LinkId): HeldLink | undefined {
  return state.links.find((link) => link.id === id);
}

/** What a control event must name as the state after it. */
export async function stateHash({ kind, history, name, members, links }: ControlState): Promise<Blob> {
  const written = utf8(name ?? "");
  const parts = [
    LABEL,
    new Uint8Array([KINDS.indexOf(kind), HISTORIES.indexOf(history)]),
    u16(written.length),
    written,
    u32(members.length),
  ];
  for (const { account, as, role, via } of members) {
    parts.push(bytes(account), bytes(as), roleByte(role), via === null ? NO_LINK : bytes(via));
  }
  parts.push(u32(links.length));
  for (const { id, sign, seal, role, expires, lobby } of links) {
    parts.push(bytes(id), bytes(sign), bytes(seal), roleByte(role), u64(expires ?? 0), new Uint8Array([lobby ? 1 : 0]));
  }
  return text(await sha256(concat(...parts)));
}

function roleByte(role: MemberRole): Uint8Array<ArrayBuffer> {
  return new Uint8Array([ROLES.indexOf(role)]);
}

const LABEL = label("state\0");
const NO_LINK = new Uint8Array(16);
const KINDS: readonly ConversationKind[] = ["everyone", "room", "direct"];
const HISTORIES: readonly History[] = ["all", "since_join"];
const ROLES: readonly MemberRole[] = ["member", "manager", "guest"];
