import type { Words } from "@/lib/i18n";

export const rooms: Words["rooms"] = {};
