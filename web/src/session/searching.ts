// Joins the search with this stay: feeds it what there is, when nothing is more urgent.

import type { ConversationId, Seq } from "@/protocol/wire";
import { Search, type Seen, type Sink } from "@/search";

import type { TimelineEntry } from "./entry";
import type { OpenPage } from "./timeline";

/** What search needs of the session. */
export interface Searchable {
  rooms(): readonly { readonly id: ConversationId; readonly head: Seq }[];
  page(conversation: ConversationId, before: Seq): Promise<OpenPage>;
}

/** The search in all that this account can read. */
export function openSearch(sink: Sink, user: Searchable): Search {
  return new Search(
    {
      conversations: () => user.rooms(),
      async page(conversation, before) {
        const { entries } = await user.page(conversation, before);
        return entries.map((entry) => seen(conversation, entry));
      },
      idle,
    },
    sink,
  );
}

function seen(conversation: ConversationId, { seq, time, content }: TimelineEntry): Seen {
  if (content.type !== "message") return { seq, document: null, closed: false };
  if (content.content === null) return { seq, document: null, closed: true };
  const said = content.content;
  const { sender } = content;
  if (said.kind === "file_deleted") {
    return { seq, document: null, closed: false, deletion: { conversation, sender, file: said.target } };
  }
  const document = { conversation, seq, time, sender, text: said.text };
  if (said.kind === "text") return { seq, document, closed: false };
  const { id, name } = said.file;
  return { seq, document: { ...document, file: { id, name } }, closed: false };
}

/** Lets what people wait for go first. */
function idle(): Promise<void> {
  return new Promise((resolve) => {
    if ("requestIdleCallback" in globalThis) requestIdleCallback(() => resolve(), { timeout: IDLE_MS });
    else setTimeout(resolve, IDLE_MS / 10);
  });
}

const IDLE_MS = 500;
