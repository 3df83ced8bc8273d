// What the envelope header says of this device's next envelope.

import type { AccountId, ConversationId, DeviceId, Millis } from "@/protocol/wire";

import { bytes } from "../bytes";
import type { signEnvelope } from "../envelope";
import { NOTHING } from "./room";
import type { ChainRow } from "./rows";

/** The header of the next envelope of this device. */
export function headerOf(
  kind: "content" | "control",
  conversation: ConversationId,
  account: AccountId,
  device: DeviceId,
  epoch: number,
  { n, prev, seen }: ChainRow,
  time: Millis,
): Parameters<typeof signEnvelope>[0] {
  return {
    kind,
    epoch,
    conversation: bytes(conversation, 16),
    account: bytes(account, 16),
    device: bytes(device, 16),
    n,
    time,
    seenSeq: seen?.seq ?? 0,
    seenHash: bytes(seen?.transcript ?? NOTHING, 32),
    prev: bytes(prev, 32),
  };
}
