// The control log of a conversation as this device follows it: who was in when,
// which epoch was in force where. An event counts when a device of a member, in
// the identity that the log let in, has signed it and the rules allow it; so
// the server can neither insert nor drop anybody.

import type { AccountId, Blob, ControlEvent, ConversationId, DeviceId, EnvelopeId, Millis, Seq } from "@/protocol/wire";

import type { ControlChange, ControlReason } from "./api";
import { Malformed, bytes, text } from "../bytes";
import { type ControlPayload, type Op, parseControl, payloadHash } from "../control";
import { ControlRefused, type Effect, step } from "../control-rules";
import { linkOf, memberOf } from "../control-state";
import { type Envelope, parseEnvelope, verifyEnvelope } from "../envelope";
import { generationOf } from "./people";
import type { ContactRow, ConversationRow, EpochRow, Stay } from "./rows";

export type People = (account: AccountId) => Promise<ContactRow | undefined>;

/** How far a log could be followed. */
export interface Followed {
  readonly row: ConversationRow | null;
  /** Accounts whose records are needed to go on. */
  readonly records: readonly AccountId[];
  /** Events are missing in between. */
  readonly control: boolean;
  readonly refused: { readonly index: number; readonly reason: ControlReason } | null;
}

/** Follows the events that come next; those already known must be the same. */
export async function follow(
  conversation: ConversationId,
  before: ConversationRow | null,
  events: readonly ControlEvent[],
  people: People,
): Promise<Followed> {
  let row = before;
  for (const event of events) {
    const stop = (more: Partial<Followed>): Followed => ({ row, records: [], control: false, refused: null, ...more });
    const next = row ? row.log.length : 0;
    let envelope: Envelope;
    let payload: ControlPayload;
    try {
      envelope = await parseEnvelope(bytes(event.envelope));
      payload = parseControl(envelope.body);
    } catch (error) {
      if (error instanceof Malformed) return stop({ refused: { index: next, reason: "format" } });
      throw error;
    }
    const { index } = payload;
    if (envelope.header.kind !== "control" || text(envelope.header.conversation) !== conversation || payload.epoch !== envelope.header.epoch) {
      return stop({ refused: { index, reason: "format" } });
    }
    if (index < next) {
      if (row?.log[index]?.id !== text(envelope.id)) return stop({ refused: { index, reason: "order" } });
      continue;
    }
    if (index > next) return stop({ control: true });
    if (event.seq <= (row?.log.at(-1)?.seq ?? 0)) return stop({ refused: { index, reason: "order" } });
    const judged = await judge(row, event, envelope, payload, people);
    if (typeof judged === "string") {
      const refused = judged === "device" ? null : { index, reason: judged };
      return stop({ refused, records: refused ? [] : [text(envelope.header.account)] });
    }
    row = enter(row, event, envelope, payload, judged.effect, judged.hash);
  }
  return { row, records: [], control: false, refused: null };
}

/** What an op is called when it is shown. */
export function changeOf(op: Op, signer: AccountId, linkBy: AccountId | null): ControlChange {
  switch (op.type) {
    case "create":
      return { type: "create", name: op.name, members: op.members.map(({ account }) => account) };
    case "add":
      return { type: "add", members: op.members.map(({ account, role, via }) => ({ account, role, via: via ?? null })) };
    case "join":
      return { type: "join", account: signer, role: op.member.role, link: op.link, by: linkBy ?? signer };
    case "link_add":
      return { type: "link_add", link: op.link.id, role: op.link.role };
    case "readmit":
      return { type: "readmit", account: op.member.account };
    default:
      return op;
  }
}

/** Whether a device may have signed at this time, by the account's record. */
export function deviceKey(contact: ContactRow, device: DeviceId, time: Millis): { key: Blob } | "unknown_device" | "revoked_device" {
  const listed = contact.record.devices.find(({ id }) => id === device);
  if (!listed) return "unknown_device";
  if (listed.revoked !== null && time > listed.revoked + GRACE_MS) return "revoked_device";
  return { key: listed.ds_pub };
}

/** Whether the device belongs to the identity that has this key; null when the key is not known. */
export function isOf(contact: ContactRow, device: DeviceId, as: Blob): boolean | null {
  const generation = generationOf(contact, as);
  return generation ? contact.devices[device] === generation.identity : null;
}

/** The epoch in force for an entry; 0 before the first. */
export function epochAt(row: ConversationRow, seq: Seq): number {
  return row.epochs.findLastIndex(({ from }) => from < seq) + 1;
}

/** The stay in which an account may have written an entry. */
export function stayAt(row: ConversationRow, account: AccountId, seq: Seq): Stay | undefined {
  return row.stays[account]?.find(({ from, to }) => from < seq && (to === null || seq <= to));
}

/** The epochs that an account may read. */
export function readableEpochs(row: ConversationRow, account: AccountId): readonly number[] {
  const stays = row.stays[account] ?? [];
  const everything = row.state.history === "all" && memberOf(row.state, account) !== undefined;
  return row.epochs.flatMap(({ from }, i) => {
    const until = row.epochs[i + 1]?.from ?? Infinity;
    const during = stays.some((stay) => stay.from < until && (stay.to === null || stay.to > from));
    return everything || during ? [i + 1] : [];
  });
}

async function judge(
  row: ConversationRow | null,
  event: ControlEvent,
  envelope: Envelope,
  payload: ControlPayload,
  people: People,
): Promise<ControlReason | { effect: Effect; hash: Blob }> {
  const conversation = text<ConversationId>(envelope.header.conversation);
  const signer = text<AccountId>(envelope.header.account);
  const device = text<DeviceId>(envelope.header.device);
  const contact = await people(signer);
  if (!contact) return "device";
  const as = signingIdentity(row, signer, payload.op);
  if (as === null) return "not_allowed";
  const found = deviceKey(contact, device, event.time);
  if (found === "unknown_device" || isOf(contact, device, as) === null) return "device";
  if (found === "revoked_device" || isOf(contact, device, as) === false) return "not_allowed";
  if (!(await verifyEnvelope(envelope, bytes(found.key)))) return "signature";
  const hash = await payloadHash(envelope.body);
  try {
    return { effect: await step({ conversation, signer, payload, hash }, row?.state ?? null, event.time), hash };
  } catch (error) {
    if (error instanceof ControlRefused) return "not_allowed";
    throw error;
  }
}

/** The key by which the signer is in, or comes in. */
function signingIdentity(row: ConversationRow | null, signer: AccountId, op: Op): Blob | null {
  const member = row && memberOf(row.state, signer);
  if (member) return member.as;
  if (op.type === "join" && op.member.account === signer) return op.member.as;
  if (op.type === "create" && op.members[0]?.account === signer) return op.members[0].as;
  return null;
}

function enter(
  before: ConversationRow | null,
  { seq, time }: ControlEvent,
  envelope: Envelope,
  payload: ControlPayload,
  { state, rotates }: Effect,
  hash: Blob,
): ConversationRow {
  const { op } = payload;
  const epoch: EpochRow = { commit: payload.commit, event: hash, from: seq, since: time };
  const by = op.type === "join" && before ? (linkOf(before.state, op.link)?.by ?? null) : null;
  return {
    state,
    log: [...(before?.log ?? []), { seq, id: text<EnvelopeId>(envelope.id), by }],
    epochs: rotates ? [...(before?.epochs ?? []), epoch] : (before?.epochs ?? []),
    stays: staysAfter(before, state, seq),
    secrets: before?.secrets ?? {},
  };
}

function staysAfter(before: ConversationRow | null, { members }: ConversationRow["state"], seq: Seq): ConversationRow["stays"] {
  const old = new Map((before?.state.members ?? []).map(({ account, as }) => [account, as]));
  const now = new Map(members.map(({ account, as }) => [account, as]));
  const stays: Record<AccountId, readonly Stay[]> = { ...before?.stays };
  for (const [account, as] of old) {
    if (now.get(account) !== as) stays[account] = (stays[account] ?? []).map((stay) => (stay.to === null ? { ...stay, to: seq } : stay));
  }
  for (const [account, as] of now) {
    if (old.get(account) !== as) stays[account] = [...(stays[account] ?? []), { from: seq, to: null, as }];
  }
  return stays;
}

/** What a device sent before it was revoked may arrive a moment later. */
const GRACE_MS = 60_000;
