// The vault itself: its parts over one store. Runs in the worker; tests run it
// where they are.

import type { AccountId } from "@/protocol/wire";

import type { Vault } from "./api";
import { CallsPart } from "./calls-part";
import { ConversationsPart } from "./conversations-part";
import { VaultError } from "./error";
import { type Approving, KeysPart } from "./keys-part";
import { MessagesPart } from "./messages-part";
import type { Method } from "./messages";
import { PeoplePart } from "./people";
import { type Locks, VaultRoom } from "./room";
import { SettingsPart } from "./settings-part";
import type { Store } from "./store";
import { Malformed } from "../bytes";

export type { Approving, Locks };

/** Does what it is asked, by the name of a method of `Vault`. */
export type Engine = (method: Method, ask: unknown) => Promise<unknown>;

/** `approving` is shared by the engines of a thread: who asks to be let in does not know the account yet. */
export function makeEngine(account: AccountId, store: Store, locks: Locks, approving: Approving): Engine {
  const room = new VaultRoom(account, store, locks);
  const settings = new SettingsPart(room);
  const people = new PeoplePart(room, settings);
  const conversations = new ConversationsPart(room, people);
  const parts = {
    keys: new KeysPart(room, approving),
    people,
    conversations,
    messages: new MessagesPart(room, conversations),
    calls: new CallsPart(room),
    settings,
  };
  return async (method, ask) => {
    const part = parts[PART_OF[method]] as unknown as Partial<Record<Method, (ask: unknown) => Promise<unknown>>>;
    try {
      return await part[method]?.(ask);
    } catch (error) {
      throw error instanceof Malformed ? new VaultError("format") : error;
    }
  };
}

/** Every method there is, and whose it is. */
const PART_OF: Readonly<Record<keyof Vault, "keys" | "people" | "conversations" | "messages" | "calls" | "settings">> = {
  status: "keys",
  create: "keys",
  unlock: "keys",
  revokeDevice: "keys",
  rewrap: "keys",
  renewRecovery: "keys",
  createGuest: "keys",
  keepAccount: "keys",
  accountKept: "keys",
  reset: "keys",
  recoveryAuth: "keys",
  requestApproval: "keys",
  approvalTag: "keys",
  approve: "keys",
  addPasskey: "keys",
  signPasskey: "keys",
  forget: "keys",
  protect: "keys",
  unprotect: "keys",
  learnRecords: "people",
  contacts: "people",
  safetyNumber: "people",
  scan: "people",
  setVerified: "people",
  acceptKeys: "people",
  applyControl: "conversations",
  conversation: "conversations",
  prepareControl: "conversations",
  learnGrants: "conversations",
  regrant: "conversations",
  leaveConversation: "conversations",
  makeLink: "conversations",
  linkAuth: "conversations",
  openLink: "conversations",
  joinByLink: "conversations",
  signKnock: "conversations",
  verifyKnock: "conversations",
  seal: "messages",
  unconfirmed: "messages",
  confirm: "messages",
  reseal: "messages",
  abandon: "messages",
  recount: "messages",
  open: "messages",
  learnHead: "messages",
  acceptRestore: "messages",
  sealSignal: "calls",
  openSignal: "calls",
  startSas: "calls",
  commitSas: "calls",
  revealSas: "calls",
  settings: "settings",
  learnSettings: "settings",
  changeSettings: "settings",
};
