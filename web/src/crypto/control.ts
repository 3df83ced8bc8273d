// Control events: who is in a conversation, in which role, under which keys.
// Readable JSON inside a signed envelope: what changes, and the hash of the
// state that results. `control-state.ts` has the state, `control-rules.ts` the
// rules by which one leads to the next.

import type { AccountId, Blob, ConversationKind, LinkId, MemberRole, Millis } from "@/protocol/wire";

import { type Bytes, Malformed, label, sha256, text, utf8 } from "./bytes";
import { asBool, asCount, asList, asMillis, asObject, asOneOf, asText, exactly, parseJson } from "./json";
import { isCleanName } from "./name";
import { fixed, sealKey, verifyKey } from "./record";

/** An account by the key that it is known by: SHA-256 of its signing key. */
export interface Newcomer {
  readonly account: AccountId;
  readonly as: Blob;
}

export interface NewMember extends Newcomer {
  readonly role: MemberRole;
  /** The link at which it knocked. */
  readonly via?: LinkId;
}

export interface NewLink {
  readonly id: LinkId;
  readonly sign: Blob;
  readonly seal: Blob;
  readonly role: MemberRole;
  readonly expires: Millis | null;
  readonly lobby: boolean;
}

export type History = "all" | "since_join";

export type Op =
  | { type: "create"; kind: ConversationKind; name: string | null; history: History; members: readonly NewMember[] }
  | { type: "add"; members: readonly NewMember[] }
  | { type: "join"; link: LinkId; member: NewMember; signature: Blob }
  | { type: "remove"; account: AccountId }
  | { type: "leave" }
  | { type: "rotate" }
  | { type: "role"; account: AccountId; role: MemberRole }
  | { type: "rename"; name: string }
  | { type: "link_add"; link: NewLink }
  | { type: "link_revoke"; link: LinkId }
  | { type: "readmit"; member: Newcomer };

export interface ControlPayload {
  readonly v: 1;
  readonly index: number;
  /** SHA-256 of the payload before. */
  readonly prev: Blob;
  /** In force after it. */
  readonly epoch: number;
  readonly commit: Blob;
  /** The hash of the state after it. */
  readonly state: Blob;
  readonly ts: Millis;
  readonly op: Op;
}

export function parseControl(payload: Bytes): ControlPayload {
  const fields = exactly(parseJson(payload), "v", "index", "prev", "epoch", "commit", "state", "ts", "op");
  if (fields.v !== 1) throw new Malformed("another version");
  return {
    v: 1,
    index: asCount(fields.index),
    prev: fixed(fields.prev, 32) as Blob,
    epoch: asCount(fields.epoch),
    commit: fixed(fields.commit, 32) as Blob,
    state: fixed(fields.state, 32) as Blob,
    ts: asMillis(fields.ts),
    op: parseOp(fields.op),
  };
}

export function encodeControl(payload: ControlPayload): Bytes {
  return utf8(JSON.stringify(payload));
}

/** What the next event and the grants of this one name. */
export async function payloadHash(payload: Bytes): Promise<Blob> {
  return text(await sha256(payload));
}

/** What commits to the secret of an epoch. */
export async function commitment(secret: Bytes): Promise<Blob> {
  return text(await sha256(label("epoch-commit\0"), secret));
}

function parseOp(value: unknown): Op {
  const type = asText(asObject(value).type);
  switch (type) {
    case "create": {
      const op = exactly(value, "type", "kind", "name", "history", "members");
      return {
        type,
        kind: asOneOf(op.kind, "everyone", "room", "direct"),
        name: op.name === null ? null : cleanName(op.name),
        history: asOneOf(op.history, "all", "since_join"),
        members: asList(op.members).map(newMember),
      };
    }
    case "add":
      return { type, members: asList(exactly(value, "type", "members").members).map(newMember) };
    case "join": {
      const op = exactly(value, "type", "link", "member", "signature");
      return { type, link: id(op.link), member: newMember(op.member), signature: fixed(op.signature, 64) as Blob };
    }
    case "remove":
      return { type, account: id(exactly(value, "type", "account").account) };
    case "leave":
    case "rotate":
      exactly(value, "type");
      return { type };
    case "role": {
      const op = exactly(value, "type", "account", "role");
      return { type, account: id(op.account), role: role(op.role) };
    }
    case "rename":
      return { type, name: cleanName(exactly(value, "type", "name").name) };
    case "link_add":
      return { type, link: newLink(exactly(value, "type", "link").link) };
    case "link_revoke":
      return { type, link: id(exactly(value, "type", "link").link) };
    case "readmit":
      return { type, member: newcomer(exactly(value, "type", "member").member) };
    default:
      throw new Malformed("an unknown change");
  }
}

function newcomer(value: unknown): Newcomer {
  const member = exactly(value, "account", "as");
  return { account: id(member.account), as: fixed(member.as, 32) as Blob };
}

function newMember(value: unknown): NewMember {
  const knocked = "via" in asObject(value);
  const member = knocked ? exactly(value, "account", "as", "role", "via") : exactly(value, "account", "as", "role");
  const said = { account: id<AccountId>(member.account), as: fixed(member.as, 32) as Blob, role: role(member.role) };
  return "via" in member ? { ...said, via: id(member.via) } : said;
}

function newLink(value: unknown): NewLink {
  const link = exactly(value, "id", "sign", "seal", "role", "expires", "lobby");
  return {
    id: id(link.id),
    sign: verifyKey(link.sign),
    seal: sealKey(link.seal),
    role: role(link.role),
    expires: link.expires === null ? null : asMillis(link.expires),
    lobby: asBool(link.lobby),
  };
}

function id<T extends string>(value: unknown): T {
  return fixed(value, 16) as T;
}

function role(value: unknown): MemberRole {
  return asOneOf(value, "member", "manager", "guest");
}

function cleanName(value: unknown): string {
  const name = asText(value);
  if (!isCleanName(name)) throw new Malformed("a name that is not clean");
  return name;
}
