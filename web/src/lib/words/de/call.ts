import type { Words } from "@/lib/i18n";

export const call: Words["call"] = {};
