// The index lives here, off the page's thread: loading and adding takes time.

import { SearchIndex } from "./search-index";
import type { Answer, Coverage, Question } from "./messages";
import { cover, type Range } from "./ranges";
import { Shelf } from "./shelf";

const index = new SearchIndex();
let shelf: Shelf | null = null;
/** One after the other: a query sees everything that was added before it. */
let queue: Promise<void> = Promise.resolve();

addEventListener("message", (event: MessageEvent<Question>) => {
  const question = event.data;
  queue = queue.then(async () => {
    try {
      postMessage({ id: question.id, value: await answer(question) } satisfies Answer);
    } catch (error) {
      const failed = error instanceof Error ? error.message : "failed";
      postMessage({ id: question.id, failed } satisfies Answer);
    }
  });
});

async function answer(question: Question): Promise<Extract<Answer, { value: unknown }>["value"]> {
  switch (question.type) {
    case "open":
      return open(await Shelf.open(question.account));
    case "add":
      index.add(question.segment.documents);
      index.delete(question.segment.deletions);
      await shelf?.put(question.segment);
      return null;
    case "find":
      return index.find(question.query, question.limit);
    case "forget":
      index.forget(question.conversation);
      await shelf?.forget(question.conversation);
      return null;
  }
}

async function open(opened: Shelf): Promise<Coverage> {
  shelf = opened;
  const covered = new Map<Parameters<SearchIndex["forget"]>[0], Range[]>();
  for await (const segment of opened.segments()) {
    index.add(segment.documents);
    index.delete(segment.deletions);
    covered.set(segment.conversation, cover(covered.get(segment.conversation) ?? [], segment));
  }
  return [...covered];
}
