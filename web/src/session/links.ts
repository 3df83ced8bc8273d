// Links by which people come into a conversation, and coming by one oneself.
// Their secrets are known to whoever made or got them, and never to the server.

import type {
  AccountId,
  Blob,
  ConversationId,
  CreateInvite,
  CreateLink,
  Invite,
  JoinLink,
  KnockLink,
  Link,
  LinkId,
  Links as Listed,
  Millis,
  OpenedLink,
  Placed,
} from "@/protocol/wire";

import { ask } from "./ask";
import type { Chain } from "./chain";
import type { Changes } from "./changes";
import type { Environment } from "./environment";
import { Refused } from "./error";
import type { Vault } from "./vault";

/** How long a link is good, and for how many. */
export interface LinkTerms {
  readonly valid_for: Millis;
  readonly uses: number;
}

/** A link of a room that somebody has, with what it opened. */
export interface HeldLink {
  readonly link: LinkId;
  readonly secret: Blob;
  /** What proves to the server that one has the secret. */
  readonly auth: Blob;
  readonly opened: OpenedLink;
}

/** What it needs of the session. */
export interface LinksUser {
  readonly account: AccountId;
  now(): Millis;
  appears(id: ConversationId): Promise<ConversationId>;
}

/** The links of conversations. */
export class Links {
  readonly #vault: Vault;
  readonly #env: Environment;
  readonly #user: LinksUser;
  readonly #changes: Changes;
  readonly #chain: Chain;

  constructor(vault: Vault, env: Environment, user: LinksUser, changes: Changes, chain: Chain) {
    this.#vault = vault;
    this.#env = env;
    this.#user = user;
    this.#changes = changes;
    this.#chain = chain;
  }

  /** An invite: a link of Everyone, by which people make accounts. */
  invite(everyone: ConversationId, terms: LinkTerms): Promise<{ invite: Invite; secret: Blob }> {
    return this.#changes.along(everyone, async () => {
      const expires = this.#user.now() + terms.valid_for;
      const { id, link, control, secret } = await this.#vault.link(everyone, { role: "member", expires, lobby: false });
      const body: CreateInvite = { id: id as string as CreateInvite["id"], link, control, ...terms };
      return async () => ({ invite: await ask<Invite>(this.#env, "POST", "/invites", body), secret });
    });
  }

  /** A link of a room, by which guests come. */
  make(room: ConversationId, { valid_for, uses, lobby }: LinkTerms & { lobby: boolean }): Promise<{ link: Link; secret: Blob }> {
    return this.#changes.along(room, async () => {
      const expires = this.#user.now() + valid_for;
      const { secret, ...made } = await this.#vault.link(room, { role: "guest", expires, lobby });
      const body: CreateLink = { ...made, uses };
      return async () => ({ link: await ask<Link>(this.#env, "POST", `/conversations/${room}/links`, body), secret });
    });
  }

  /** The links of a room, also those that are over. */
  async of(room: ConversationId): Promise<readonly Link[]> {
    return (await ask<Listed>(this.#env, "GET", `/conversations/${room}/links`)).links;
  }

  /** Joins a room by a link. */
  async join({ link, secret, auth, opened }: HeldLink): Promise<ConversationId> {
    const { conversation } = opened;
    let now = opened;
    await this.#chain.alone(conversation, async () => {
      for (let attempt = 0; ; attempt++) {
        const made = await this.#vault.joinByLink(link, secret, now);
        try {
          const control = { envelope: made.envelope, grants: [...(made.grants ?? [])] };
          const at = await ask<Placed>(this.#env, "POST", `/links/${link}/join`, { auth, control } satisfies JoinLink);
          await this.#vault.confirmed(conversation, made.id, at);
          return;
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          await this.#vault.abandon(conversation, made.id);
          if (attempt >= ATTEMPTS || !overtaken(error)) throw error;
          await pause(attempt);
          now = await ask<OpenedLink>(this.#env, "POST", "/links/open", { link, auth });
        }
      }
    });
    return this.#user.appears(conversation);
  }

  /** Asks to be let in. */
  async knock({ link, secret, auth, opened }: HeldLink): Promise<void> {
    const signature = await this.#vault.signKnock(opened.conversation, link, secret);
    await ask(this.#env, "POST", `/links/${link}/knock`, { auth, signature } satisfies KnockLink);
  }

  /** Does not want to be let in any more. */
  async withdraw(link: LinkId): Promise<void> {
    await ask(this.#env, "DELETE", `/links/${link}/knock`);
  }
}

/** Others have changed the room since the link was opened. */
export function overtaken({ code }: { code: string }): boolean {
  return code === "conflict" || code === "stale_epoch" || code === "rotate_first";
}

/** Before the same is tried again: a member may have to renew the keys first. */
export async function pause(attempt: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** attempt));
}

const ATTEMPTS = 4;
const PAUSE_MS = 300;
