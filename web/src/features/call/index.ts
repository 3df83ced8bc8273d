// Calls as a person sees them.

export { CallButtons } from "./call-buttons";
export { CallLayer, type CallLayerProps } from "./call-layer";
export { calls, sounds } from "./center";
export { DeviceCheck } from "./device-check";
export { CallDock } from "./dock";
export { SoundSettings } from "./sound-settings";
