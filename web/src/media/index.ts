// Media: devices, calls and the connection between two of them. No React here.

export { hangBell } from "./bell";
export type { CurrentCall, CurrentState, EndReason, Stage } from "./call";
export { Calls, type CallsState } from "./calls";
export { type DeviceKind, type DeviceList, Devices, type MediaDevice } from "./devices";
export type { Comparison, ComparisonState } from "./comparison";
export type { LineState, RemoteMedia } from "./line";
export { LocalMedia, type LocalState } from "./local";
export { meter } from "./meter";
export { callObstacle, type Problem } from "./problem";
export { type Quality, QualityWatch } from "./quality";
export { canShareScreen } from "./screen";
export { RequestError, type Signalling } from "./signalling";
export { type SoundKind, Sounds } from "./sounds";
export type { SourceState } from "./source";
export { type CallStats, StatsReader } from "./stats";
