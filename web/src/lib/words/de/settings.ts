import type { Words } from "@/lib/i18n";

export const settings: Words["settings"] = {};
