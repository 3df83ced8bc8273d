// Calls as a person sees them.

export { CallBack, CallButtons } from "./call-buttons";
export { CallDock } from "./dock";
export { CallLayer, type CallLayerProps } from "./call-layer";
export { CallSettings } from "./call-settings";
