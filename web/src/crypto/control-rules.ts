// Who may do what to a conversation, and what that makes of it. The mirror of
// the server's rules: what they refuse is refused here too, so that the server
// cannot insert anybody.

import { LINKS, ROOM_MEMBERS, type AccountId, type ConversationId, type GranteeId, type LinkId, type MemberRole, type Millis } from "@/protocol/wire";

import type { ControlPayload, NewLink, NewMember, Newcomer, Op } from "./control";
import { type ControlState, type HeldLink, type HeldMember, linkOf, memberOf, stateHash } from "./control-state";
import { isJoinSigned } from "./link";

/** An event out of an envelope whose signature was checked. */
export interface SignedControl {
  readonly conversation: ConversationId;
  readonly signer: AccountId;
  readonly payload: ControlPayload;
  /** SHA-256 of the payload. */
  readonly hash: ControlState["last"];
}

/** Why an event is refused; the words are those of the server's rules. */
export class ControlRefused extends Error {
  constructor(why: string) {
    super(why);
    this.name = "ControlRefused";
  }
}

/** What an op makes of the state, before epoch and hash are compared. */
export interface Effect {
  readonly state: ControlState;
  readonly newcomers: readonly Newcomer[];
  readonly rotates: boolean;
  /** Those who get the secrets of epochs that began before they came, and which. */
  readonly readable: readonly { readonly to: GranteeId; readonly epochs: "all" | "current" }[];
}

/** Applies an event; `at` is the server's time of it, by which links expire. */
export async function step(event: SignedControl, before: ControlState | null, at: Millis): Promise<Effect> {
  const { payload, hash } = event;
  if (payload.index !== (before ? before.index + 1 : 0)) refuse("not the next index");
  if (payload.prev !== (before?.last ?? ZEROS)) refuse("the event before is another");
  const effect = await effectOf(event.conversation, event.signer, payload.op, before, payload.index, at);
  const epoch = (before?.epoch ?? 0) + (effect.rotates ? 1 : 0);
  if (payload.epoch !== epoch) refuse("not the epoch that follows");
  if (before && (payload.commit === before.commit) === effect.rotates) refuse("commitment and epoch change together");
  const { index, commit } = payload;
  const state: ControlState = { ...effect.state, index, last: hash, epoch, commit };
  if ((await stateHash(state)) !== payload.state) refuse("another state");
  return { ...effect, state };
}

/** What an op would do; the state has the members and links after it, and all else of before. */
export async function effectOf(
  conversation: ConversationId,
  signer: AccountId,
  op: Op,
  before: ControlState | null,
  index: number,
  at: Millis,
): Promise<Effect> {
  if (!before) return op.type === "create" ? create(conversation, signer, op) : refuse("begins with its creation");
  if (before.conversation !== conversation) refuse("of another conversation");
  switch (op.type) {
    case "create":
      return refuse("begins with its creation");
    case "add":
      return add(before, signer, op.members, at);
    case "join":
      return join(before, signer, op, index, at);
    case "remove":
      return remove(before, signer, op.account);
    case "leave":
      return leave(before, signer);
    case "rotate":
      aboveGuest(before, signer);
      return rotates(before);
    case "role":
      return setRole(before, signer, op.account, op.role);
    case "rename":
      manager(before, signer);
      if (before.kind !== "room") refuse("only rooms have names");
      return stays({ ...before, name: op.name });
    case "link_add":
      return addLink(before, signer, op.link);
    case "link_revoke":
      return revokeLink(before, signer, op.link, at);
    case "readmit":
      return readmit(before, signer, op.member);
  }
}

/** The grants that must come with an event: these, each once, and no others. */
export function dueGrants({ state, rotates, readable }: Effect): { to: GranteeId; epoch: number }[] {
  const due = new Map<string, { to: GranteeId; epoch: number }>();
  const put = (to: GranteeId, epoch: number) => due.set(`${to} ${epoch}`, { to, epoch });
  if (rotates) {
    for (const { account } of state.members) put(grantee(account), state.epoch);
    // Who comes by a link with a lobby is let in by a member, who grants.
    for (const { id, lobby } of state.links) if (!lobby) put(grantee(id), state.epoch);
  }
  for (const { to, epochs } of readable) {
    for (let epoch = epochs === "all" ? 1 : state.epoch; epoch <= state.epoch; epoch++) put(to, epoch);
  }
  return [...due.values()];
}

export function grantee(id: AccountId | LinkId): GranteeId {
  return id as string as GranteeId;
}

function create(conversation: ConversationId, signer: AccountId, { kind, name, history, members }: Op & { type: "create" }): Effect {
  if ((kind === "room") !== (name !== null)) refuse("rooms have a name, others have none");
  const [first, ...others] = members;
  const fits =
    kind === "direct"
      ? others.length === 1 && members.every(({ role }) => role === "member")
      : first?.role === "manager" && (kind === "room" || others.length === 0);
  if (!fits || first?.account !== signer) refuse("other founders");
  const empty: ControlState = {
    conversation, kind, history, name, members: [], links: [], index: 0, last: ZEROS, epoch: 1, commit: ZEROS,
  };
  if (members.some(({ via }) => via !== undefined)) refuse("nobody came by a link");
  return rotates(enter(empty, members), members);
}

function add(before: ControlState, signer: AccountId, members: readonly NewMember[], at: Millis): Effect {
  aboveGuest(before, signer);
  if (before.kind === "direct") refuse("direct conversations stay two");
  if (members.length === 0) refuse("nobody is named");
  if (members.some(({ role }) => role === "manager")) refuse("nobody comes in as manager");
  for (const { via, role } of members) {
    if (via === undefined) continue;
    const link = inForce(before, via, at);
    if (!link.lobby || link.role !== role) refuse("nobody knocks at this link, or in this role");
  }
  const state = enter(before, members);
  if (before.history === "since_join") return rotates(state, members);
  return stays(state, members, members.map(({ account }) => ({ to: grantee(account), epochs: "all" as const })));
}

async function join(before: ControlState, signer: AccountId, op: Op & { type: "join" }, index: number, at: Millis): Promise<Effect> {
  const { member, signature } = op;
  const link = inForce(before, op.link, at);
  if (link.lobby) refuse("a member must let in who comes by this link");
  if (member.account !== signer || member.role !== link.role || member.via !== undefined) refuse("one joins for oneself, in the link's role");
  if (!(await isJoinSigned(link.sign, before.conversation, index, member, signature))) refuse("not signed by the link");
  const epochs = before.history === "all" ? "all" : "current";
  return stays(enter(before, [{ ...member, via: op.link }]), [member], [{ to: grantee(member.account), epochs }]);
}

function remove(before: ControlState, signer: AccountId, account: AccountId): Effect {
  manager(before, signer);
  if (account === signer) refuse("leaving is a thing of its own");
  present(before, account);
  return rotates({ ...before, members: without(before, account) });
}

function leave(before: ControlState, signer: AccountId): Effect {
  present(before, signer);
  if (before.kind !== "room") refuse("one stays in this kind of conversation");
  const members = without(before, signer);
  const heir = hasManager(members) ? -1 : members.findIndex(({ role }) => role !== "guest");
  return stays({ ...before, members: members.map((one, i) => (i === heir ? { ...one, role: "manager" } : one)) });
}

function setRole(before: ControlState, signer: AccountId, account: AccountId, role: MemberRole): Effect {
  manager(before, signer);
  if (present(before, account).role === role) refuse("changes nothing");
  const via = (one: HeldMember) => (role === "guest" ? one.via : null);
  const members = before.members.map((one) => (one.account === account ? { ...one, role, via: via(one) } : one));
  if (!hasManager(members)) refuse("somebody must stay manager");
  return stays({ ...before, members });
}

function addLink(before: ControlState, signer: AccountId, link: NewLink): Effect {
  if (before.kind === "direct") refuse("direct conversations stay two");
  aboveGuest(before, signer);
  const fits = before.kind === "room" ? link.role === "guest" : link.role === "member" && !link.lobby;
  if (!fits) refuse("links of rooms are for guests, those of Everyone for members");
  // Grants name accounts and links alike, so that their ids must differ too.
  if (linkOf(before, link.id) || before.members.some(({ account }) => grantee(account) === grantee(link.id))) {
    refuse("the id is taken");
  }
  if (before.links.length >= LINKS) refuse("too many links");
  const held: HeldLink = { ...link, by: signer };
  const state = { ...before, links: [...before.links, held] };
  if (before.history === "since_join") return rotates(state);
  return stays(state, [], link.lobby ? [] : [{ to: grantee(link.id), epochs: "all" }]);
}

function revokeLink(before: ControlState, signer: AccountId, id: LinkId, at: Millis): Effect {
  aboveGuest(before, signer);
  const link = linkOf(before, id) ?? refuse("no such link");
  const ended = link.expires !== null && at >= link.expires;
  if (link.by !== signer && !ended) manager(before, signer);
  const members = before.members.filter(({ role, via }) => via !== id || role !== "guest");
  return rotates({ ...before, members, links: before.links.filter((one) => one.id !== id) });
}

function readmit(before: ControlState, signer: AccountId, { account, as }: Newcomer): Effect {
  aboveGuest(before, signer);
  if (account === signer) refuse("nobody readmits oneself");
  if (present(before, account).as === as) refuse("changes nothing");
  const members = before.members.map((one) => (one.account === account ? { ...one, as } : one));
  const readable = before.history === "all" ? [{ to: grantee(account), epochs: "all" as const }] : [];
  return rotates({ ...before, members }, [{ account, as }], readable);
}

function enter(state: ControlState, added: readonly NewMember[]): ControlState {
  const members = [...state.members];
  const taken = new Set<string>([...members.map(({ account }) => account), ...state.links.map(({ id }) => id)]);
  for (const { account, as, role, via = null } of added) {
    if (taken.has(account)) refuse("a member already");
    if (state.kind === "room" && members.length >= ROOM_MEMBERS) refuse("too many members");
    taken.add(account);
    members.push({ account, as, role, via });
  }
  return { ...state, members };
}

function stays(state: ControlState, newcomers: readonly Newcomer[] = [], readable: Effect["readable"] = []): Effect {
  return { state, newcomers, rotates: false, readable };
}

function rotates(state: ControlState, newcomers: readonly Newcomer[] = [], readable: Effect["readable"] = []): Effect {
  return { state, newcomers, rotates: true, readable };
}

function inForce(state: ControlState, id: LinkId, at: Millis): HeldLink {
  const link = linkOf(state, id);
  if (!link || (link.expires !== null && at >= link.expires)) refuse("no such link in force");
  return link;
}

function present(state: ControlState, account: AccountId): HeldMember {
  return memberOf(state, account) ?? refuse("not a member");
}

function aboveGuest(state: ControlState, signer: AccountId): void {
  if (present(state, signer).role === "guest") refuse("guests may not");
}

function manager(state: ControlState, signer: AccountId): void {
  if (present(state, signer).role !== "manager") refuse("only managers may");
}

function without(state: ControlState, account: AccountId): HeldMember[] {
  return state.members.filter((member) => member.account !== account);
}

function hasManager(members: readonly HeldMember[]): boolean {
  return members.some(({ role }) => role === "manager");
}

function refuse(why: string): never {
  throw new ControlRefused(why);
}

const ZEROS = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" as ControlState["last"];
