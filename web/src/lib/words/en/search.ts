import { plurals } from "../catalogue";

const plural = plurals("en");

export const search = {
  title: "Search",
  field: "Search messages",
  found: (count: number) => plural(count, { one: "# message", other: "# messages" }),
  nothing: (text: string) => `No message with “${text}”.`,
  more: "Show more",
  within: (name: string) => `In ${name}`,
  /** Takes the limit to one conversation away. */
  everywhere: "Search everywhere",
  indexing: (done: number, all: number) =>
    `Preparing older messages for search: ${plural(done, { other: "#" })} of ${plural(all, { other: "#" })}`,
  paused: "Older messages cannot be searched right now. It goes on when the connection is back.",
  empty: {
    title: "Find what was said",
    text: "Messages are searched on this device only. What you look for is not sent anywhere.",
  },
};
