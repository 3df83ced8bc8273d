// What the app puts on the screen of the search.

export { SearchPage } from "./search-page";
