// What a person can change about their account and this browser.

export { Settings } from "./settings-page";
