// A new device that another one lets in: what both of them show.

export { ApprovePage } from "./approve-page";
export { OtherDevice } from "./other-device";
