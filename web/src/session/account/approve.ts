// A new device that another one lets in: what the new one asks and waits for, and
// what the other one finds and allows. The words stand for the new device's key,
// so whoever compares them needs to compare nothing else.

import { get, post, RequestError, request as send } from "@/lib/api";
import { deviceName } from "@/lib/device-name";
import type {
  Approve,
  Blob,
  ClaimApproval,
  ClaimedApproval,
  FindApproval,
  FoundApproval,
  Keys,
  RequestApproval,
  RequestedApproval,
  Session,
} from "@/protocol/wire";

import { arriveWithKeys } from "./arrive";
import { type Given, proofOf } from "./prove";
import { type Owner, vaultOf, vaults } from "./smith";
import { Swapped } from "./swapped";

/** Whoever was asked has said no. */
export class NotLetIn extends Error {}

/** A request that this device shows. */
export interface Asked {
  /** The public key, for a QR code. */
  readonly request: Blob;
  /** What the six words stand for. */
  readonly tag: Blob;
  /** By this device's clock. */
  readonly ends: number;
  /**
   * Resolves when another device has let this one in and the keys are here; null when the request has ended.
   * Rejects with NotLetIn when the other device said no.
   */
  wait(signal: AbortSignal): Promise<Session | null>;
}

/** Asks to be let in; what an earlier call has shown opens nothing any more. */
export async function askForApproval(): Promise<Asked> {
  const { request, tag } = await vaults().requestApproval();
  const body: RequestApproval = { request, device_name: deviceName() };
  const { id, secret, valid_for } = await post<RequestedApproval>("/approvals", body);
  const claim = { secret, wait: WAIT_MS } satisfies ClaimApproval;
  return {
    request,
    tag,
    ends: Date.now() + valid_for,
    async wait(signal) {
      const claimed = await claimWhenApproved(`/approvals/${id}/claim`, claim, signal);
      return claimed && enter(claimed);
    },
  };
}

/** What allows nothing yet: who asks with these words. Rejects with `not_found` when nobody does. */
export async function findApproval(tag: Blob): Promise<FoundApproval> {
  const found = await post<FoundApproval>("/approvals/find", { tag } satisfies FindApproval);
  if ((await vaults().approvalTag(found.request)) !== tag) throw new Swapped();
  return found;
}

/** What the words of a key are that a QR code held; null when it was no key. */
export function tagOfRequest(request: Blob): Promise<Blob | null> {
  return vaults().approvalTag(request);
}

/** Lets a device in that asks with these words. */
export async function approveDevice(
  owner: Owner,
  given: Given,
  { id, request }: FoundApproval,
  tag: Blob,
): Promise<void> {
  const proof = await proofOf(owner, given);
  const approval = await vaultOf(owner.account).approve(proof, { request, tag }, await get<Keys>("/keys"));
  await post(`/approvals/${id}/approve`, { approval } satisfies Approve);
}

/** Says no to a device that asks. */
export async function refuseDevice({ id }: FoundApproval): Promise<void> {
  await post(`/approvals/${id}/refuse`, {});
}

/** Asks again and again, each time for as long as the server lets it wait. */
async function claimWhenApproved(path: string, claim: ClaimApproval, signal: AbortSignal): Promise<ClaimedApproval | null> {
  for (;;) {
    try {
      const claimed = await send<ClaimedApproval | undefined>("POST", path, claim, signal);
      if (claimed) return claimed;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (error.code === "not_found") return null;
      if (error.code === "forbidden") throw new NotLetIn();
      if (error.code !== "offline" && error.code !== "unavailable") throw error;
      await pause(RETRY_MS, signal);
    }
  }
}

/** The keys come into this browser, sealed by the device that has let this one in. */
function enter({ session, approval, keys }: ClaimedApproval): Promise<Session> {
  return arriveWithKeys(session, keys, (stored) => vaultOf(session.account.id).unlock(session.device, { type: "device", approval }, stored));
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}

const WAIT_MS = 25_000;
const RETRY_MS = 2_000;
