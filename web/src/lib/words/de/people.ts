import type { Words } from "@/lib/i18n";

export const people: Words["people"] = {};
