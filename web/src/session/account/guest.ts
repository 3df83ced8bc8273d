// Coming by a link of a room without an account, and keeping the account that
// came of it. Until it is kept its keys are in this browser and nowhere else.

import { post, RequestError } from "@/lib/api";
import { registerPassword } from "@/lib/credentials";
import { deviceName } from "@/lib/device-name";
import type {
  AccountId,
  Blob,
  GuestFinish,
  GuestStart,
  GuestStarted,
  InviteId,
  KeepFinish,
  KeepStart,
  LinkId,
  Name,
  OpenedInvite,
  OpenedLink,
  OpenInvite,
  OpenLink,
  PasswordStarted,
  Session,
} from "@/protocol/wire";

import { type HeldLink, overtaken, pause } from "../links";
import { arrived, type HeldInvite, type NewAccount } from "./enter";
import { vaultOf, vaults } from "./smith";

/** What somebody has who was sent a link: a way to an account, or into one room. */
export type Opened = ({ readonly type: "invite" } & HeldInvite) | ({ readonly type: "room" } & HeldLink);

/** Opens a link; both kinds look alike until the server has been asked. Rejects with `not_found` when it is no good. */
export async function openLink(id: string, secret: Blob): Promise<Opened> {
  const auth = await vaults().linkAuth(id, secret);
  if (!auth) throw new RequestError("not_found", "no link has such a secret");
  const link = id as LinkId;
  try {
    const opened = await post<OpenedLink>("/links/open", { link, auth } satisfies OpenLink);
    return { type: "room", link, auth, secret, opened };
  } catch (error) {
    if (!(error instanceof RequestError) || error.code !== "not_found") throw error;
  }
  const invite = id as InviteId;
  const opened = await post<OpenedInvite>("/invites/open", { invite, auth } satisfies OpenInvite);
  return { type: "invite", invite, auth, secret, opened };
}

/** Comes as a guest: into the room at once, or before its door when a member must let in. */
export async function comeAsGuest({ link, auth, secret, opened }: HeldLink, name: Name): Promise<Session> {
  const started = await post<GuestStarted>("/guests/start", { link, auth, name } satisfies GuestStart);
  const { conversation, lobby } = opened;
  const vault = vaultOf(started.account);
  const record = await vault.createGuest(started.device);
  const body = { guest: started.guest, record, device_name: deviceName() };
  if (lobby) {
    const knock = await vault.signKnock(conversation, link, secret);
    return post<Session>("/guests/finish", { ...body, join: null, knock } satisfies GuestFinish);
  }
  let now = opened;
  for (let attempt = 0; ; attempt++) {
    // It is confirmed once the session asks what became of it.
    const made = await vault.joinByLink(link, secret, now);
    const join = { envelope: made.envelope, grants: [...(made.grants ?? [])] };
    try {
      return await post<Session>("/guests/finish", { ...body, join, knock: null } satisfies GuestFinish);
    } catch (error) {
      if (!(error instanceof RequestError) || attempt >= ATTEMPTS || !overtaken(error)) throw error;
      await vault.abandon(conversation, made.id);
      await pause(attempt);
      now = await post<OpenedLink>("/links/open", { link, auth } satisfies OpenLink);
    }
  }
}

/** Makes a guest's account an ordinary one, with a password and a recovery code. */
export async function keepAccount(account: AccountId, name: Name, password: string): Promise<NewAccount> {
  const vault = vaultOf(account);
  const { started, record, exportKey } = await registerPassword(password, (request) =>
    post<PasswordStarted>("/account/keep/start", { name, request } satisfies KeepStart),
  );
  const { keys, code } = await vault.keepAccount(exportKey);
  const body: KeepFinish = { registration: started.registration, record, keys };
  const session = await post<Session>("/account/keep/finish", body);
  await vault.accountKept();
  return arrived(session, vault, code);
}

const ATTEMPTS = 4;
