// Calls as the app puts them on the screen, in a chunk of their own: nothing of
// it is needed to read and write.

import { lazy } from "react";

const parts = () => import("@/features/call");

export const CallBack = lazy(async () => ({ default: (await parts()).CallBack }));
export const CallButtons = lazy(async () => ({ default: (await parts()).CallButtons }));
export const CallDock = lazy(async () => ({ default: (await parts()).CallDock }));
export const CallLayer = lazy(async () => ({ default: (await parts()).CallLayer }));
export const CallSettings = lazy(async () => ({ default: (await parts()).CallSettings }));
