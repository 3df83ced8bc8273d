// Does this browser reach everything that calls need?

export { CheckPage } from "./check-page";
