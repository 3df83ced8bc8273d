// Messages that can be found again: an index on this device, kept sealed.

export { workerSink } from "./client";
export { type Progress, Search, type Seen, type Sink, type Source } from "./feeder";
export type { Deletion, Document, Found, Query } from "./search-index";
export { eraseShelf } from "./shelf";
export { fold, terms } from "./terms";
